// NiceGUI's own connection, which Studio's pages use for nothing after they are built.

/**
 * Let the page live on when the server goes away. NiceGUI would reload it as soon as the server is back, under the
 * hands of whoever types; these pages speak REST, notice by themselves, and keep what was typed.
 */
export function outliveServer() {
  // The page's elements are mounted before NiceGUI opens its socket, in the same turn.
  queueMicrotask(() => window.socket?.io.reconnection(false));
}
