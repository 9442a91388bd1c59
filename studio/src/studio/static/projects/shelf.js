// The element that `studio.projects.pages` puts on the page.
import page from "/static/projects/page.js";

export default page;
