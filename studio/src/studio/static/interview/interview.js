// The element that `studio.interview.pages` puts on the page.
import page from "/static/interview/page.js";

export default page;
