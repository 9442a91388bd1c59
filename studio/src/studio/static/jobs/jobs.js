// The element that `studio.jobs.pages` puts on the page.
import page from "/static/jobs/page.js";

export default page;
