import type { WorkspacePath } from '../../core/workspace/path.ts';

/** What a first visit finds in the workspace. */
export const starterFiles: ReadonlyMap<WorkspacePath, string> = new Map([
  ['hello-world.py', 'print("Hello world")\n'],
  ['Dockerfile', 'FROM python:3.13-slim\nWORKDIR /app\nCOPY hello-world.py .\nCMD ["python3", "hello-world.py"]\n'],
]);
