// What a writer's choice at one place of a merge makes of the text. A choice is {side, words}, where `side` is null,
// "mine", "theirs", "both" or "hand", and `words` is what was written by hand.

const ended = (text) => (text === "" || text.endsWith("\n") ? text : `${text}\n`);

/** Whether the writer has chosen at this place, or need not. */
export function isChosen(hunk, choice) {
  return hunk.kind === "same" || Boolean(choice?.side);
}

/** The text of one place after the choice; nothing is dropped that was not chosen to be. */
export function outcome(hunk, choice) {
  switch (hunk.kind === "same" ? "mine" : choice?.side) {
    case "mine":
      return hunk.mine;
    case "theirs":
      return hunk.theirs;
    case "both":
      return ended(hunk.mine) + hunk.theirs;
    case "hand":
      // A place is whole lines; only the last of a text may go without an end.
      return [hunk.mine, hunk.theirs].some((text) => text.endsWith("\n")) ? ended(choice.words) : choice.words;
    default:
      return hunk.mine; // not chosen yet: shown, never saved
  }
}
