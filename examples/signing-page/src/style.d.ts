/** Vite puts it into the page. */
declare module "*.css";
