import { type RouteConfig, route } from "@react-router/dev/routes";

export default [route("webhooks/dealix", "routes/dealix.ts")] satisfies RouteConfig;
