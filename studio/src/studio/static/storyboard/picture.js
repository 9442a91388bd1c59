// An image of the storyboard; words where its bytes are not here, as after an import without them.

export default {
  props: { url: { type: String, required: true }, alt: { type: String, default: "" }, lazy: Boolean },
  data: () => ({ missing: "" }),
  template: `
    <span v-if="missing === url" class="no-picture">The picture is not here. Make it anew.</span>
    <img v-else :src="url" :alt="alt" :loading="lazy ? 'lazy' : null" decoding="async" width="960" height="540"
      @error="missing = url">`,
};
