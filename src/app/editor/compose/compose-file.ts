/** Whether a file of that name is one of Compose's: `compose.yaml`, `docker-compose.dev.yml`. */
export function isComposeFile(path: string): boolean {
  return /(?:^|\/)(?:docker-)?(?:compose|stack)(?:[.-][\w.-]+)?\.ya?ml$/i.test(path);
}
