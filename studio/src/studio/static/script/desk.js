// The element that `studio.script.pages` puts on the page.
import page from "/static/script/page.js";

export default page;
