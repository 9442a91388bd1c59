// What a component does that the server may refuse: a mixin with `busy`, true meanwhile.

import { Problem } from "/static/js/api.js";
import { complain } from "/static/js/toasts.js";

export const attempting = {
  data: () => ({ busy: false }),
  methods: {
    /** Do what the server may refuse; true when it was done. */
    async attempt(work) {
      this.busy = true;
      try {
        await work();
        return true;
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
        complain(error);
        return false;
      } finally {
        this.busy = false;
      }
    },
  },
};
