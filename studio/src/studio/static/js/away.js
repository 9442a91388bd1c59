// A word over the page while what it follows does not answer; `why` comes from `followEvents`.

export default {
  props: { why: { type: String, default: "" } },
  template: `
    <Teleport to="body">
      <p class="away" role="status"><span v-if="why"><span class="dot" aria-hidden="true"></span>{{ why }}</span></p>
    </Teleport>`,
};
