// Swagger UI 5.35.0 (Apache-2.0), started without inline script so that the page's CSP can forbid it.
window.SwaggerUIBundle({
  url: "/auth/api/v1/openapi.json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  displayOperationId: true,
  persistAuthorization: false,
  tryItOutEnabled: true,
});
