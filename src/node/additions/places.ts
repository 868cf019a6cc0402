import { join } from 'node:path';
import { projectFolder } from '../builder/folders.ts';

/** What instructors added to the site: not part of the repository. */
export const additionsFolder = join(projectFolder, 'additions');
