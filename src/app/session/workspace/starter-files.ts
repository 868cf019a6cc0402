import type { WorkspacePath } from '../../../core/workspace/path.ts';

const texts: Readonly<Record<WorkspacePath, string>> = {
  'hello-world.py': 'print("Hello world")\n',
  Dockerfile: 'FROM python:3.13-slim\nWORKDIR /app\nCOPY hello-world.py .\nCMD ["python3", "hello-world.py"]\n',
};

/** What a first visit finds in the workspace. */
export const starterFiles: ReadonlyMap<WorkspacePath, Uint8Array> = new Map(
  Object.entries(texts).map(([path, text]) => [path, new TextEncoder().encode(text)]),
);
