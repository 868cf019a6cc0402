import { copyFile, mkdir, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { DebianLock } from '../debian-lock.ts';
import { fetchPackages } from '../debian-packages.ts';
import { imagesFolder } from '../folders.ts';
import { runAsRoot } from '../run.ts';
import type { DebianImage } from './debian-image.ts';
import { labelsOf, packagesOf, type ImageRecipe } from './image-recipe.ts';
import { addUser, extractPackages, noteInstalled, packLayer, type Workplace } from './image-tree.ts';

const containersFolder = join(imagesFolder, 'containers');

const NGINX_PRUNED = [
  ...['sites-available', 'sites-enabled', 'snippets', 'modules-available', 'modules-enabled', 'koi-utf', 'koi-win', 'win-utf', 'proxy_params'].map(
    name => `etc/nginx/${name}`,
  ),
  'etc/default',
  'etc/logrotate.d',
  'etc/ufw',
  'usr/share/apport',
  'usr/share/vim',
];

/** nginx, laid out as the official image: conf.d/default.conf, the pages in /usr/share/nginx/html, the log on standard output. */
export async function nginx(work: Workplace, lock: DebianLock, base: DebianImage): Promise<ImageRecipe> {
  const root = join(work.folder, 'nginx');
  const debs = await fetchPackages(lock, 'nginx');
  await extractPackages(work, root, debs, NGINX_PRUNED);
  await addUser(base.root, root, { name: 'nginx', id: 101, home: '/nonexistent' });
  for (const folder of ['etc/nginx/conf.d', 'var/log/nginx', 'var/lib/nginx']) await mkdir(join(root, folder), { recursive: true });
  const files = { 'nginx.conf': 'etc/nginx', 'default.conf': 'etc/nginx/conf.d', '50x.html': 'usr/share/nginx/html' };
  for (const [name, folder] of Object.entries(files)) await copyFile(join(containersFolder, 'nginx', name), join(root, folder, name));
  await symlink('/dev/stdout', join(root, 'var/log/nginx/access.log'));
  await symlink('/dev/stderr', join(root, 'var/log/nginx/error.log'));
  await noteInstalled(root, debs, base.status);
  const file = join(work.folder, 'nginx.tar');
  await packLayer(work, root, file);
  return {
    repository: 'library/nginx',
    tags: ['latest', '1.26', '1'],
    description: 'A web server for files, and a proxy in front of other servers.',
    layers: [...base.recipe.layers, { file, comment: "ADD nginx.tar / # Debian's nginx, laid out as the official image" }],
    config: {
      ExposedPorts: { '80/tcp': {} },
      Cmd: ['nginx', '-g', 'daemon off;'],
      Labels: labelsOf(lock, packagesOf(lock, 'debian', 'nginx')),
      StopSignal: 'SIGQUIT',
    },
  };
}

const REDIS_PRUNED = ['etc/default', 'etc/logrotate.d', 'etc/redis', 'usr/bin/redis-benchmark', 'usr/bin/redis-check-aof'];

/** redis, as the official image: data in /data, reached by other containers without a password. */
export async function redis(work: Workplace, lock: DebianLock, base: DebianImage): Promise<ImageRecipe> {
  const root = join(work.folder, 'redis');
  const debs = await fetchPackages(lock, 'redis');
  await extractPackages(work, root, debs, REDIS_PRUNED);
  // Debian ships the program twice; it knows by its name what it is to do.
  await symlink('redis-check-rdb', join(root, 'usr/bin/redis-check-aof'));
  await addUser(base.root, root, { name: 'redis', id: 999, home: '/data' });
  await rm(join(root, 'var'), { recursive: true, force: true });
  for (const folder of ['data', 'usr/local/bin']) await mkdir(join(root, folder), { recursive: true });
  await runAsRoot(work.owners, 'chown', ['999:999', join(root, 'data')]);
  await copyFile(join(containersFolder, 'redis/docker-entrypoint.sh'), join(root, 'usr/local/bin/docker-entrypoint.sh'));
  await noteInstalled(root, debs, base.status);
  const file = join(work.folder, 'redis.tar');
  await packLayer(work, root, file);
  return {
    repository: 'library/redis',
    tags: ['latest', '8.0', '8'],
    description: 'A fast store for keys and values, kept in memory.',
    layers: [...base.recipe.layers, { file, comment: "ADD redis.tar / # Debian's redis-server and redis-cli" }],
    config: {
      ExposedPorts: { '6379/tcp': {} },
      Entrypoint: ['docker-entrypoint.sh'],
      Cmd: ['redis-server'],
      Volumes: { '/data': {} },
      WorkingDir: '/data',
      Labels: labelsOf(lock, packagesOf(lock, 'debian', 'redis')),
    },
  };
}
