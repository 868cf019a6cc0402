/** Servers of the hub, as other people's projects use them: pulled, started with the variables of the official images, spoken to. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LocalSandbox } from '../../src/core/sandbox/create-sandbox.ts';
import { startGuestSandbox } from '../support/guest.ts';
import { eventually, fail, succeed, written } from './learner.ts';

let sandbox: LocalSandbox;

beforeAll(async () => {
  sandbox = await startGuestSandbox();
});
afterAll(() => sandbox.dispose());

const run = (command: string) => succeed(sandbox, command, { timeoutMilliseconds: 400_000 });

/** Pulls an image, and says what it cost. */
async function pull(image: string): Promise<void> {
  const { instructions } = sandbox.counters();
  await run(`docker pull -q ${image}`);
  console.log(`docker pull ${image}: ${Math.round((sandbox.counters().instructions - instructions) / 1e6)} million instructions`);
}

/** Runs a command until it says what is expected; says what it cost until then. */
async function until(what: string, command: string, expected: RegExp): Promise<string> {
  const { instructions } = sandbox.counters();
  const said = await eventually(
    what,
    async () => {
      const { stdout, stderr } = await sandbox.run(command);
      return expected.test(stdout + stderr) ? stdout + stderr : undefined;
    },
    180_000,
  );
  console.log(`${what}: after ${Math.round((sandbox.counters().instructions - instructions) / 1e6)} million instructions`);
  return said;
}

describe('nginx', () => {
  it('fills in templates, runs what lies in /docker-entrypoint.d, and writes its log to standard output', async () => {
    await sandbox.applyFiles([
      written('web/templates/default.conf.template', 'server { listen ${PORT}; location / { return 200 "hi ${NAME} at $uri\\n"; } }\n'),
      written('web/40-hello.sh', '#!/bin/sh\necho a script of the learner\n', true),
    ]);
    await pull('nginx');
    const mounts = '-v /workspace/web/templates:/etc/nginx/templates -v /workspace/web/40-hello.sh:/docker-entrypoint.d/40-hello.sh';
    await run(`docker run -d --name web -p 8080:81 -e PORT=81 -e NAME=Ada ${mounts} nginx`);
    await until('nginx answers', 'wget -qO- http://localhost:8080/x', /^hi Ada at \/x$/m);
    const { stdout, stderr } = await sandbox.run('docker logs web');
    expect(stdout + stderr).toContain('a script of the learner');
    expect(stdout).toContain('"GET /x HTTP/1.1" 200');
    expect((await sandbox.run('docker exec web nginx -t')).stderr).toContain('test is successful');
    await run('docker rm -f web');
  });
});

describe('memcached', () => {
  it('keeps a value', async () => {
    await pull('memcached');
    await run('docker run -d --name cache -p 11211:11211 memcached');
    await until('memcached answers', "printf 'set a 0 0 2\\r\\nhi\\r\\nget a\\r\\nquit\\r\\n' | nc localhost 11211", /STORED\s+VALUE a 0 2\s+hi/);
    await run('docker rm -f cache');
  });
});

describe('httpd', () => {
  it('serves /usr/local/apache2/htdocs', async () => {
    await pull('httpd:2.4');
    await run('docker run -d --name page -p 8082:80 httpd:2.4');
    await until('httpd answers', 'wget -qO- http://localhost:8082/', /It works!/);
    await run('docker stop page');
    expect(await run('docker inspect -f {{.State.ExitCode}} page')).toBe('0\n');
  });
});

describe('php', () => {
  it('runs in Apache, with extensions that a Dockerfile installs', async () => {
    await pull('php:8.4-apache');
    await sandbox.applyFiles([
      written('php/index.php', '<?php echo php_sapi_name(), " ", extension_loaded("mysqli") ? "with" : "without", " mysqli\n";'),
      written(
        'php/Dockerfile',
        'FROM php:8.4-apache\nRUN docker-php-ext-install mysqli pdo_mysql && a2enmod rewrite\nCOPY index.php /var/www/html/\n',
      ),
    ]);
    await run('docker build -t site /workspace/php');
    await run('docker run -d --name site -p 8083:80 site');
    await until('Apache with PHP answers', 'wget -qO- http://localhost:8083/', /apache2handler with mysqli/);
    const lacking = await fail(sandbox, 'docker run --rm php:8.4-apache docker-php-ext-install gd');
    expect(lacking.stderr).toMatch(/this image has no PHP extension gd\. It has: .*mysqli/);
    await run('docker rm -f site');
  });

  it('keeps a session, whoever the user is', async () => {
    const php = 'session_id("ab"); session_start(); $_SESSION["n"] = 42; session_write_close(); session_start(); echo $_SESSION["n"];';
    expect(await run(`docker run --rm -u 1000 php:8.4-apache php -d display_errors=stderr -r '${php}'`)).toBe('42');
  });
});

describe('mariadb', () => {
  const sql = (command: string, login = '-uroot -psecret') => `docker exec maria mariadb ${login} -N -e "${command}"`;

  it('wants a password', async () => {
    await pull('mariadb');
    expect((await fail(sandbox, 'docker run --rm mariadb')).stderr).toContain('You need to specify one of MARIADB_ROOT_PASSWORD');
  });

  it('makes what the variables ask for, does what lies in its folder, and passes over an option of MySQL 8', async () => {
    await sandbox.applyFiles([
      written('maria/1.sql', "create table things (name text); insert into things values ('lamp');\n"),
      written('maria/2.sh', 'mariadb -uroot -p"$MYSQL_ROOT_PASSWORD" -e "create database other"\n'),
    ]);
    const user = `-e MYSQL_USER=ada -e MYSQL_PASSWORD="a'b"`;
    const options = `-e MARIADB_ROOT_PASSWORD=secret -e MYSQL_DATABASE=my_shop ${user} -v /workspace/maria:/docker-entrypoint-initdb.d`;
    const check = '--health-cmd "healthcheck.sh --connect --innodb_initialized" --health-interval 5s';
    await run('docker network create shop');
    await run(`docker run -d --name maria --network shop ${options} ${check} mariadb --default-authentication-plugin=mysql_native_password`);
    await until('MariaDB is ready', 'docker logs maria 2>&1 | tail -n 1', /port: 3306/);
    expect(await run(sql("select * from my_shop.things; show databases like 'other'"))).toBe('lamp\nother\n');
    expect(await run(sql('select current_user(), name from my_shop.things', `-uada "-pa'b"`))).toBe('ada@%\tlamp\n');
    await until('the healthcheck', 'docker inspect -f {{.State.Health.Status}} maria', /^healthy$/m);
  });

  it('answers other containers, with TLS where they want it, and only with the password', async () => {
    const from = (options: string) => `docker run --rm --network shop mariadb mariadb ${options} -N -h maria -uroot`;
    expect(await run(`${from('')} -psecret -e "select 6 * 7"`)).toBe('42\n');
    expect(await run(`${from('--no-defaults')} -psecret -e "show status like 'ssl_cipher'"`)).toMatch(/^Ssl_cipher\tTLS_/);
    expect((await fail(sandbox, `${from('')} -pwrong -e "select 1"`)).stderr).toContain('Access denied for user');
  });

  it('keeps what it has when it is started again, and makes nothing where an option is wrong', async () => {
    await run('docker restart maria');
    await until('MariaDB is ready again', sql('select * from my_shop.things'), /^lamp$/m);
    await run('docker rm -fv maria');
    const wrong = await fail(sandbox, 'docker run --rm -v spoiled:/var/lib/mysql -e MARIADB_ROOT_PASSWORD=x mariadb --no-such-option');
    expect(wrong.stderr).toContain("unknown option '--no-such-option'");
    expect(await run('docker run --rm -v spoiled:/data busybox ls -A /data')).toBe('');
    await run('docker volume rm spoiled && docker network rm shop');
  });
});

describe('postgres', () => {
  const psql = (command: string) => `docker exec db psql -U ada -d shop -Atc "${command}"`;

  it('wants a password', async () => {
    await pull('postgres:17');
    expect((await fail(sandbox, 'docker run --rm postgres:17')).stderr).toContain('You must specify POSTGRES_PASSWORD');
  });

  it('makes the superuser, the password and the database that are asked for, and does what lies in its folder', async () => {
    await sandbox.applyFiles([written('db/init.sql', "create table things (name text); insert into things values ('lamp');\n")]);
    const options = '-e POSTGRES_USER=ada -e POSTGRES_PASSWORD=secret -e POSTGRES_DB=shop -v /workspace/db:/docker-entrypoint-initdb.d';
    await run(`docker run -d --name db ${options} --health-cmd "pg_isready -U ada -d shop" --health-interval 5s postgres:17`);
    await until('PostgreSQL is ready', 'docker logs db 2>&1 | tail -n 1; docker logs db 2>&1 | grep -c "ready to accept"', /^2$/m);
    expect(await run(psql('table things'))).toBe('lamp\n');
    expect(await run(psql('select rolname from pg_authid where rolsuper'))).toBe('ada\n');
    const login = (password: string) => `docker exec -e PGPASSWORD=${password} db sh -c 'psql -h $(hostname -i) -U ada -d shop -Atc "select 6 * 7"'`;
    expect(await run(login('secret'))).toBe('42\n');
    expect((await fail(sandbox, login('wrong'))).stderr).toContain('password authentication failed');
    await until('the healthcheck', 'docker inspect -f {{.State.Health.Status}} db', /^healthy$/m);
  });

  it('gives each cluster an identity of its own, and keeps it when it is started again', async () => {
    const identity = 'select system_identifier from pg_control_system()';
    await run('docker run -d --name other -e POSTGRES_HOST_AUTH_METHOD=trust postgres:17');
    await until('the other PostgreSQL is ready', 'docker exec other pg_isready -U postgres', /accepting/);
    const [one, two] = [await run(psql(identity)), await run(`docker exec other psql -U postgres -Atc "${identity}"`)];
    expect(one).toMatch(/^\d{19}\n$/);
    expect(two).not.toBe(one);
    await run('docker restart db');
    await until('PostgreSQL is ready again', 'docker exec db pg_isready -U ada', /accepting/);
    expect(await run(psql(identity))).toBe(one);
    expect(await run(psql('table things'))).toBe('lamp\n');
    await run('docker rm -fv db other');
  });

  it('of version 16, whose server is not from Debian, does the same', async () => {
    await pull('postgres:16');
    const options = '-e POSTGRES_USER=ada -e POSTGRES_PASSWORD=secret -e POSTGRES_DB=shop';
    for (const name of ['db', 'other']) await run(`docker run -d --name ${name} ${options} postgres:16`);
    for (const name of ['db', 'other']) await until(`${name} is ready`, `docker exec ${name} pg_isready -U ada -d shop`, /accepting/);
    expect(await run(psql('show server_version'))).toBe('16.14\n');
    expect(await run(psql('create extension pgcrypto; select length(gen_random_uuid()::text)'))).toContain('36\n');
    expect(await run(psql("select 'ä' < 'b' collate \\\"de-x-icu\\\""))).toBe('t\n');
    const login = (password: string) => `docker exec -e PGPASSWORD=${password} db sh -c 'psql -h $(hostname -i) -U ada -d shop -Atc "select 6 * 7"'`;
    expect(await run(login('secret'))).toBe('42\n');
    expect((await fail(sandbox, login('wrong'))).stderr).toContain('password authentication failed');
    const identity = 'select system_identifier from pg_control_system()';
    expect(await run(psql(identity))).not.toBe(await run(psql(identity).replace(' db ', ' other ')));
    await run('docker rm -fv db other');
  });
});
