// The element that `studio.storyboard.pages` puts on the page.
import page from "/static/storyboard/page.js";

export default page;
