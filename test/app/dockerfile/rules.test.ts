import { describe, expect, test } from 'vitest';
import { lintDockerfile, teachingRules } from '../../../src/app/editor/dockerfile/lint-dockerfile.ts';
import { findingsOf, fixed, hubReferences, imageReferences, lines, marked } from './apply-fix.ts';

interface Firing {
  readonly text: string;
  readonly severity: string;
  readonly message: RegExp;
  readonly marks: string;
  /** The whole text after the quick fix; null where none may be offered. */
  readonly fixedTo: string | null;
}

interface RuleCases {
  readonly fires: Readonly<Record<string, Firing>>;
  readonly silent: Readonly<Record<string, string>>;
}

const base = 'FROM python:3.13-slim';
const aptTail = '&& rm -rf /var/lib/apt/lists/*';

const cases: Readonly<Record<string, RuleCases>> = {
  'image-without-tag': {
    fires: {
      'a name alone': {
        text: 'FROM python',
        severity: 'warning',
        message: /has no tag, so Docker takes python:latest.*for example python:3\.13-slim/,
        marks: 'python',
        fixedTo: base,
      },
      'only latest is there: a hint': { text: 'FROM busybox', severity: 'hint', message: /busybox:latest/, marks: 'busybox', fixedTo: null },
      'COPY --from': {
        text: lines(base, 'COPY --from=python /a /b'),
        severity: 'warning',
        message: /no tag/,
        marks: 'python',
        fixedTo: lines(base, 'COPY --from=python:3.13-slim /a /b'),
      },
      'a name from an ARG, which is not replaced': {
        text: lines('ARG BASE=python', 'FROM ${BASE} AS x'),
        severity: 'warning',
        message: /"python" has no tag/,
        marks: '${BASE}',
        fixedTo: null,
      },
      'a registry with a port': { text: 'FROM host:5000/tool', severity: 'warning', message: /no tag/, marks: 'host:5000/tool', fixedTo: null },
    },
    silent: {
      'a tag': base,
      'a tag from an ARG before FROM': lines('ARG TAG=3.13', 'FROM python:${TAG}'),
      'a tag from an ARG in the default of a variable': 'FROM python:${TAG:-3.13}',
      'an ARG without default cannot be judged': lines('ARG IMAGE', 'FROM ${IMAGE}'),
      'what is not there has another remark': lines('FROM node', 'COPY --from=ubuntu /a /b'),
      scratch: 'FROM scratch',
      'an earlier stage, in any case': lines(`${base} AS Build`, 'FROM build', 'COPY --from=BUILD /a /b', 'COPY --from=0 /c /d'),
      'a digest': `FROM python@sha256:${'0'.repeat(64)}`,
    },
  },
  'image-latest': {
    fires: {
      latest: { text: 'FROM python:latest', severity: 'hint', message: /moves with each release of python/, marks: 'python:latest', fixedTo: null },
    },
    silent: { 'a version': base, 'no tag is another rule': 'FROM python', 'what is not there has another remark': 'FROM node:latest' },
  },
  'unknown-image': {
    fires: {
      'another tag of a known image': {
        text: 'FROM python:3.12-alpine',
        severity: 'warning',
        message: /no internet, .* no image "python:3\.12-alpine": use python:3\.13-slim\. There is also python:3\.13\.$/,
        marks: 'python:3.12-alpine',
        fixedTo: base,
      },
      'an image that is not there, but one like it': {
        text: lines('FROM ubuntu:22.04 AS a', 'RUN true'),
        severity: 'warning',
        message: /"ubuntu:22\.04": use debian:13-slim: Ubuntu is made from Debian/,
        marks: 'ubuntu:22.04',
        fixedTo: lines('FROM debian:13-slim AS a', 'RUN true'),
      },
      'Alpine for its packages': {
        text: lines('FROM alpine:3.20', 'RUN apk add --no-cache curl'),
        severity: 'warning',
        message: /use debian:13-slim: there is no Alpine here, so use apt-get install instead of apk add/,
        marks: 'alpine:3.20',
        fixedTo: lines('FROM debian:13-slim', 'RUN apk add --no-cache curl'),
      },
      'Alpine for its shell': {
        text: lines('FROM alpine:3.20', 'CMD ["echo", "hi"]'),
        severity: 'warning',
        message: /use busybox:latest: Alpine has its shell/,
        marks: 'alpine:3.20',
        fixedTo: lines('FROM busybox:latest', 'CMD ["echo", "hi"]'),
      },
      'nothing like it': { text: 'FROM mongo:7', severity: 'warning', message: /"mongo:7": Debian has no MongoDB/, marks: 'mongo:7', fixedTo: null },
      'an image from an ARG is not replaced': {
        text: lines('ARG V=3.12', 'FROM python:$V'),
        severity: 'warning',
        message: /use python:3\.13\./,
        marks: 'python:$V',
        fixedTo: null,
      },
      'a stage that comes later is no stage': {
        text: lines('FROM build', `${base} AS build`),
        severity: 'warning',
        message: /"build": it is not among the images/,
        marks: 'build',
        fixedTo: null,
      },
      'COPY --from': {
        text: lines(base, 'COPY --from=busybox:1.36 /bin/busybox /b'),
        severity: 'warning',
        message: /"busybox:1\.36"/,
        marks: 'busybox:1.36',
        fixedTo: lines(base, 'COPY --from=busybox:latest /bin/busybox /b'),
      },
      'RUN --mount': {
        text: lines(base, 'RUN --mount=type=bind,from=redis:7-alpine,target=/r true'),
        severity: 'warning',
        message: /"redis:7-alpine": use redis:8/,
        marks: 'redis:7-alpine',
        fixedTo: lines(base, 'RUN --mount=type=bind,from=redis:8,target=/r true'),
      },
    },
    silent: {
      'a known image': base,
      'its long name': 'FROM docker.io/library/python:3.13',
      'no tag means latest': 'FROM busybox',
      'a stage': lines(`${base} AS build`, 'FROM build', 'RUN --mount=type=bind,from=build,target=/r true'),
      'a registry of one\u2019s own': 'FROM localhost:5000/me/app:1',
      scratch: 'FROM scratch',
    },
  },
  'apt-get-install-yes': {
    fires: {
      plain: {
        text: lines(base, 'RUN apt-get install curl'),
        severity: 'warning',
        message: /nobody can answer during a build.*Add -y after install/,
        marks: 'apt-get install',
        fixedTo: lines(base, 'RUN apt-get install -y curl'),
      },
      'apt on a continued line behind a comment': {
        text: lines(base, 'RUN apt update && \\', '  # tools', '  DEBIAN_FRONTEND=noninteractive apt install \\', '    curl'),
        severity: 'warning',
        message: /^apt asks/,
        marks: 'apt install',
        fixedTo: lines(base, 'RUN apt update && \\', '  # tools', '  DEBIAN_FRONTEND=noninteractive apt install -y \\', '    curl'),
      },
      'the other escape character': {
        text: lines('# escape=`', base, 'RUN apt-get update && `', '  apt-get install curl'),
        severity: 'warning',
        message: /Add -y/,
        marks: 'apt-get install',
        fixedTo: lines('# escape=`', base, 'RUN apt-get update && `', '  apt-get install -y curl'),
      },
      'a heredoc': {
        text: lines(base, 'RUN <<EOF', 'apt-get update', 'apt-get install curl', 'EOF'),
        severity: 'warning',
        message: /Add -y/,
        marks: 'apt-get install',
        fixedTo: lines(base, 'RUN <<EOF', 'apt-get update', 'apt-get install -y curl', 'EOF'),
      },
      'the exec form, without a fix': {
        text: lines(base, 'RUN ["apt-get", "install", "curl"]'),
        severity: 'warning',
        message: /Add -y/,
        marks: 'apt-get", "install',
        fixedTo: null,
      },
      'an earlier stage': {
        text: lines(`${base} AS a`, 'RUN apt-get install curl', base),
        severity: 'warning',
        message: /Add -y/,
        marks: 'apt-get install',
        fixedTo: lines(`${base} AS a`, 'RUN apt-get install -y curl', base),
      },
    },
    silent: {
      '-y': lines(base, 'RUN apt-get install -y curl'),
      '-y first': lines(base, 'RUN apt-get -y install curl'),
      '-qqy': lines(base, 'RUN apt-get install -qqy curl'),
      '--yes': lines(base, 'RUN apt-get install --yes curl'),
      'yes |': lines(base, 'RUN yes | apt-get install curl'),
      'only a comment': lines(base, '# RUN apt-get install curl'),
      'only quoted': lines(base, 'RUN echo "apt-get install curl"'),
      'a heredoc for another language': lines(base, 'RUN python3 <<EOF', 'apt-get install curl', 'EOF'),
      'the contents of a copied file': lines(base, 'COPY <<EOF /a.sh', 'RUN apt-get install curl', 'EOF'),
    },
  },
  'apt-get-update-first': {
    fires: {
      'no update': {
        text: lines(base, 'RUN apt-get install -y curl'),
        severity: 'warning',
        message: /package lists may be missing.*apt-get update && in front/,
        marks: 'apt-get install',
        fixedTo: lines(base, 'RUN apt-get update && apt-get install -y curl'),
      },
      'update in another RUN': {
        text: lines(base, 'RUN apt-get update', 'RUN apt-get install -y curl'),
        severity: 'warning',
        message: /an earlier RUN is cached/,
        marks: 'apt-get install',
        fixedTo: lines(base, 'RUN apt-get update', 'RUN apt-get update && apt-get install -y curl'),
      },
      'behind ||, where putting it in front would change the meaning': {
        text: lines(base, 'RUN which curl || apt-get install -y curl'),
        severity: 'warning',
        message: /in front/,
        marks: 'apt-get install',
        fixedTo: null,
      },
    },
    silent: {
      'update before': lines(base, 'RUN apt-get update && apt-get install -y curl'),
      'update before, continued': lines(base, 'RUN set -eux; \\', '  apt-get update; \\', '', '  apt-get install -y curl'),
      'a package file': lines(base, 'RUN apt-get install -y ./tool.deb'),
    },
  },
  'apt-get-clean-lists': {
    fires: {
      'one line': {
        text: lines(base, 'RUN apt-get update && apt-get install -y curl'),
        severity: 'info',
        message: /package lists stay in this layer.*rm -rf \/var\/lib\/apt\/lists/,
        marks: 'apt-get install',
        fixedTo: lines(base, `RUN apt-get update && apt-get install -y curl ${aptTail}`),
      },
      'several lines': {
        text: lines(base, 'RUN apt-get update && \\', '    apt-get install -y curl', 'CMD ["x"]'),
        severity: 'info',
        message: /stay in this layer/,
        marks: 'apt-get install',
        fixedTo: lines(base, 'RUN apt-get update && \\', `    apt-get install -y curl \\`, `    ${aptTail}`, 'CMD ["x"]'),
      },
      'cleaned before the install': {
        text: lines(base, 'RUN rm -rf /var/lib/apt/lists/* && apt-get update && apt-get install -y curl'),
        severity: 'info',
        message: /a later RUN cannot/,
        marks: 'apt-get install',
        fixedTo: lines(base, `RUN rm -rf /var/lib/apt/lists/* && apt-get update && apt-get install -y curl ${aptTail}`),
      },
      'in a condition nothing can be appended': {
        text: lines(base, 'RUN true || apt-get install -y curl'),
        severity: 'info',
        message: /stay/,
        marks: 'apt-get install',
        fixedTo: null,
      },
    },
    silent: {
      cleaned: lines(base, `RUN apt-get update && apt-get install -y curl ${aptTail}`),
      'a cache mount': lines(base, 'RUN --mount=type=cache,target=/var/lib/apt apt-get update && apt-get install -y curl'),
      'no install': lines(base, 'RUN apt-get update'),
    },
  },
  'apt-get-no-recommends': {
    fires: {
      plain: {
        text: lines(base, 'RUN apt-get install -y curl'),
        severity: 'hint',
        message: /only recommended.*--no-install-recommends/,
        marks: 'install',
        fixedTo: lines(base, 'RUN apt-get install --no-install-recommends -y curl'),
      },
    },
    silent: {
      'the option': lines(base, 'RUN apt-get install -y --no-install-recommends curl'),
      'the setting': lines(base, 'RUN apt-get -o APT::Install-Recommends=false install -y curl'),
    },
  },
  'pip-no-cache-dir': {
    fires: {
      pip: {
        text: lines(base, 'RUN pip install flask'),
        severity: 'hint',
        message: /pip keeps its downloads.*--no-cache-dir/,
        marks: 'install',
        fixedTo: lines(base, 'RUN pip install --no-cache-dir flask'),
      },
      'python3 -m pip': {
        text: lines(base, 'RUN python3 -m pip install flask'),
        severity: 'hint',
        message: /downloads/,
        marks: 'install',
        fixedTo: lines(base, 'RUN python3 -m pip install --no-cache-dir flask'),
      },
    },
    silent: {
      'the option': lines(base, 'RUN pip3 install --no-cache-dir flask'),
      'the variable': lines(base, 'ENV PIP_NO_CACHE_DIR=1', 'RUN pip install flask'),
      'a cache mount': lines(base, 'RUN --mount=type=cache,target=/root/.cache/pip pip install flask'),
      'another command': lines(base, 'RUN pip list'),
    },
  },
  'copy-before-install': {
    fires: {
      pip: {
        text: lines(base, 'COPY . .', 'RUN pip install -r requirements.txt'),
        severity: 'info',
        message: /repeat pip install below.*Copy only requirements\.txt first/,
        marks: 'COPY . .',
        fixedTo: null,
      },
      'npm, with a list': {
        text: lines(base, 'COPY ["./", "/app"]', 'RUN cd x && npm ci'),
        severity: 'info',
        message: /repeat npm ci below.*package\.json/,
        marks: 'COPY ["./", "/app"]',
        fixedTo: null,
      },
      'requirements given with a path': {
        text: lines(base, 'COPY . .', 'RUN pip install -r ./requirements.txt'),
        severity: 'info',
        message: /pip install/,
        marks: 'COPY . .',
        fixedTo: null,
      },
    },
    silent: {
      'the list first': lines(base, 'COPY requirements.txt .', 'RUN pip install -r requirements.txt', 'COPY . .'),
      'the project itself is installed': lines(base, 'COPY . .', 'RUN pip install -e .'),
      'the install is in another stage': lines(`${base} AS a`, 'COPY . .', base, 'RUN pip install flask'),
      'from another stage': lines(`${base} AS a`, base, 'COPY --from=a . .', 'RUN pip install flask'),
      'npm run': lines(base, 'COPY . .', 'RUN npm run build'),
    },
  },
  'add-instead-of-copy': {
    fires: {
      'a file': {
        text: lines(base, 'ADD app.py /app/'),
        severity: 'info',
        message: /COPY says plainly/,
        marks: 'ADD',
        fixedTo: lines(base, 'COPY app.py /app/'),
      },
      'with an owner': {
        text: lines(base, 'ADD --chown=1:1 app.py /app/'),
        severity: 'info',
        message: /COPY/,
        marks: 'ADD',
        fixedTo: lines(base, 'COPY --chown=1:1 app.py /app/'),
      },
    },
    silent: {
      'an archive': lines(base, 'ADD rootfs.tar.xz /'),
      'an address': lines(base, 'ADD https://example.org/x /x'),
      'a repository': lines(base, 'ADD git@github.com:a/b.git /b'),
      COPY: lines(base, 'COPY app.py /app/'),
    },
  },
  'relative-workdir': {
    fires: {
      relative: {
        text: lines(base, 'WORKDIR app'),
        severity: 'warning',
        message: /depends on the base image.*WORKDIR \/app/,
        marks: 'app',
        fixedTo: lines(base, 'WORKDIR /app'),
      },
      'absolute only in another stage': {
        text: lines(base, 'WORKDIR /x', base, 'WORKDIR ./app'),
        severity: 'warning',
        message: /slash/,
        marks: './app',
        fixedTo: null,
      },
    },
    silent: {
      absolute: lines(base, 'WORKDIR /app'),
      'a variable': lines(base, 'WORKDIR $HOME'),
      'after an absolute one': lines(base, 'WORKDIR /app', 'WORKDIR src'),
      'after an absolute one in the parent stage': lines(`${base} AS a`, 'WORKDIR /app', 'FROM a', 'WORKDIR src'),
    },
  },
  'cd-in-run': {
    fires: {
      alone: {
        text: lines(base, 'RUN cd /app'),
        severity: 'warning',
        message: /forgotten as soon as the RUN ends.*WORKDIR \/app/,
        marks: 'cd /app',
        fixedTo: lines(base, 'WORKDIR /app'),
      },
      'at the end': { text: lines(base, 'RUN mkdir /app && cd /app'), severity: 'warning', message: /forgotten/, marks: 'cd /app', fixedTo: null },
      'in front': {
        text: lines(base, 'RUN cd /app && make'),
        severity: 'info',
        message: /holds for this RUN only\. WORKDIR \/app/,
        marks: 'cd /app',
        fixedTo: null,
      },
    },
    silent: {
      WORKDIR: lines(base, 'WORKDIR /app', 'RUN make'),
      'a subshell': lines(base, 'RUN (cd /app && make)'),
      'in the middle': lines(base, 'RUN make && cd /tmp && make'),
      'a script': lines(base, 'RUN <<EOF', 'cd /app', 'make', 'EOF'),
    },
  },
  'sudo-in-run': {
    fires: {
      'in front': {
        text: lines(base, 'RUN sudo make'),
        severity: 'warning',
        message: /already runs as root.*Leave sudo out/,
        marks: 'sudo',
        fixedTo: lines(base, 'RUN make'),
      },
      'in the second command': {
        text: lines(base, 'RUN make && \\', '  sudo make install'),
        severity: 'warning',
        message: /sudo/,
        marks: 'sudo',
        fixedTo: lines(base, 'RUN make && \\', '  make install'),
      },
      'with an option there is no fix': {
        text: lines(base, 'RUN sudo -u me make'),
        severity: 'warning',
        message: /sudo/,
        marks: 'sudo',
        fixedTo: null,
      },
      'in ONBUILD': {
        text: lines(base, 'ONBUILD RUN sudo make'),
        severity: 'warning',
        message: /sudo/,
        marks: 'sudo',
        fixedTo: lines(base, 'ONBUILD RUN make'),
      },
    },
    silent: { 'a package of that name': lines(base, 'RUN apt-get install -y sudo'), quoted: lines(base, 'RUN echo "sudo make"') },
  },
  'expose-port-mapping': {
    fires: {
      'a mapping': {
        text: lines(base, 'EXPOSE 8080:80'),
        severity: 'error',
        message: /only names the port inside.*EXPOSE 80\..*docker run -p 8080:80/,
        marks: '8080:80',
        fixedTo: lines(base, 'EXPOSE 80'),
      },
      'with an address and a protocol': {
        text: lines(base, 'EXPOSE 127.0.0.1:53:53/udp'),
        severity: 'error',
        message: /EXPOSE 53\/udp/,
        marks: '127.0.0.1:53:53/udp',
        fixedTo: lines(base, 'EXPOSE 53/udp'),
      },
    },
    silent: { ports: lines(base, 'EXPOSE 80 443/tcp 8000-8010 $PORT') },
  },
  'secret-in-image': {
    fires: {
      ENV: {
        text: lines(base, 'ENV A=b DB_PASSWORD=hunter2'),
        severity: 'warning',
        message: /"DB_PASSWORD" looks like a secret.*docker history.*docker run -e DB_PASSWORD/,
        marks: 'DB_PASSWORD',
        fixedTo: null,
      },
      'the old form': {
        text: lines(base, 'ENV GITHUB_TOKEN abc'),
        severity: 'warning',
        message: /GITHUB_TOKEN/,
        marks: 'GITHUB_TOKEN',
        fixedTo: null,
      },
      ARG: {
        text: lines(base, 'ARG API_KEY'),
        severity: 'warning',
        message: /Use RUN --mount=type=secret,id=API_KEY: .*docker build --secret id=API_KEY,env=API_KEY/,
        marks: 'API_KEY',
        fixedTo: null,
      },
      'ARG that a RUN uses': {
        text: lines(base, 'ARG TOKEN', 'WORKDIR /a', 'RUN curl -H "X: ${TOKEN}" http://h \\', '  && true'),
        severity: 'warning',
        message: /--mount=type=secret,id=TOKEN/,
        marks: 'TOKEN',
        fixedTo: lines(
          base,
          'WORKDIR /a',
          'RUN --mount=type=secret,id=TOKEN export TOKEN="$(cat /run/secrets/TOKEN)" && curl -H "X: ${TOKEN}" http://h \\',
          '  && true',
        ),
      },
      'ARG that something else uses too': {
        text: lines(base, 'ARG TOKEN', 'RUN curl "http://h/$TOKEN"', 'LABEL a=$TOKEN'),
        severity: 'warning',
        message: /looks like a secret/,
        marks: 'TOKEN',
        fixedTo: null,
      },
    },
    silent: {
      'the name of a file': lines(base, 'ENV PASSWORD_FILE=/run/secrets/x'),
      'a setting': lines(base, 'ENV MYSQL_ALLOW_EMPTY_PASSWORD=yes'),
      'an empty value': lines(base, 'ENV TOKEN='),
      'other names': lines(base, 'ENV TOKENIZERS=4 KEYBOARD=de COMPASS_DIR=/c'),
    },
  },
  'cache-mount': {
    fires: {
      pip: {
        text: lines(base, 'COPY requirements.txt .', 'RUN pip install -r requirements.txt'),
        severity: 'hint',
        message: /^When this step runs again, pip downloads everything again\. .*RUN --mount=type=cache,target=\/root\/\.cache\/pip \.\.\.$/,
        marks: 'pip install -r requirements.txt',
        fixedTo: lines(base, 'COPY requirements.txt .', 'RUN --mount=type=cache,target=/root/.cache/pip pip install -r requirements.txt'),
      },
      'npm, behind another mount': {
        text: lines(base, 'RUN --mount=type=bind,source=a,target=/a npm ci'),
        severity: 'hint',
        message: /npm downloads/,
        marks: 'npm ci',
        fixedTo: lines(base, 'RUN --mount=type=cache,target=/root/.npm --mount=type=bind,source=a,target=/a npm ci'),
      },
      'apt, in a heredoc': {
        text: lines(base, 'RUN <<EOF', 'apt-get update', 'apt-get install -y git', 'EOF'),
        severity: 'hint',
        message: /apt downloads/,
        marks: 'apt-get install -y git',
        fixedTo: lines(
          base,
          'RUN --mount=type=cache,target=/var/cache/apt,sharing=locked --mount=type=cache,target=/var/lib/apt,sharing=locked <<EOF',
          'apt-get update',
          'apt-get install -y git',
          'EOF',
        ),
      },
    },
    silent: {
      'there is one': lines(base, 'RUN --mount=type=cache,target=/root/.cache pip install flask'),
      'pip without its cache': lines(base, 'RUN pip install --no-cache-dir flask'),
      'pip without its cache for the whole stage': lines(base, 'ENV PIP_NO_CACHE_DIR=1', 'RUN pip install flask'),
      'apt that cleans up': lines(base, 'RUN apt-get update && apt-get install -y git && rm -rf /var/lib/apt/lists/*'),
      'another user': lines(base, 'USER app', 'RUN pip install flask'),
      'no download': lines(base, 'RUN npm run build && pip list'),
    },
  },
  'heredoc-unquoted': {
    fires: {
      'a configuration of nginx': {
        text: lines(base, 'COPY <<EOF /etc/nginx/a.conf', 'proxy_set_header Host $host;', 'EOF'),
        severity: 'warning',
        message: /Docker replaces \$host in this text.*<<"EOF" leaves/,
        marks: 'EOF',
        fixedTo: lines(base, 'COPY <<"EOF" /etc/nginx/a.conf', 'proxy_set_header Host $host;', 'EOF'),
      },
      'a script with parameters, the second of two': {
        text: lines(base, 'COPY <<-A <<B /bin/', 'x', '\tA', 'echo ${1:-a} $1', 'B'),
        severity: 'warning',
        message: /\$1 in this text/,
        marks: 'B',
        fixedTo: lines(base, 'COPY <<-A <<"B" /bin/', 'x', '\tA', 'echo ${1:-a} $1', 'B'),
      },
    },
    silent: {
      'in quotes': lines(base, "COPY <<'EOF' /a", '$host', 'EOF', 'COPY <<"EOF" /b', '$host', 'EOF'),
      'what the build sets': lines(base, 'ARG VERSION=1', 'ENV NAME=x', 'COPY <<EOF /a', '$VERSION ${NAME}', 'EOF'),
      'with a backslash': lines(base, 'COPY <<EOF /a', '\\$host $(date)', 'EOF'),
      'a RUN gives it to its shell': lines(base, 'RUN <<EOF', 'for a in 1 2; do echo $a; done', 'EOF'),
    },
  },
  'arg-before-from': {
    fires: {
      'in a RUN': {
        text: lines('ARG VERSION=3.13', 'FROM python:${VERSION}', 'RUN echo "${VERSION}"'),
        severity: 'warning',
        message: /\$VERSION is empty here\. Repeat ARG VERSION below/,
        marks: '${VERSION',
        fixedTo: lines('ARG VERSION=3.13', 'FROM python:${VERSION}', 'ARG VERSION', 'RUN echo "${VERSION}"'),
      },
      'in the second stage': {
        text: lines('ARG V=1', `${base} AS a`, 'ARG V', 'ENV X=$V', base, 'LABEL v=$V'),
        severity: 'warning',
        message: /\$V is empty/,
        marks: '$V',
        fixedTo: lines('ARG V=1', `${base} AS a`, 'ARG V', 'ENV X=$V', base, 'ARG V', 'LABEL v=$V'),
      },
    },
    silent: {
      'declared again': lines('ARG V=1', base, 'ARG V', 'RUN echo $V'),
      'declared in the stage below': lines('ARG V=1', `${base} AS a`, 'ARG V', 'FROM a', 'RUN echo $V'),
      'only in FROM': lines('ARG V=3.13', 'FROM python:$V'),
      'set by the script itself': lines('ARG V=1', base, 'RUN V=2; echo $V'),
      'in single quotes': lines('ARG V=1', base, "ENV X='$V'"),
      'an ARG of the stage': lines(base, 'ARG V=1', 'RUN echo $V'),
      'the list form has no shell': lines('ARG V=1', base, 'RUN ["echo", "$V"]'),
      'a text that is left as it stands': lines('ARG V=1', base, "COPY <<'EOF' /a", '$V', 'EOF'),
      'when it starts': lines('ARG V=1', base, 'CMD echo $V'),
    },
  },
  'trailing-comment': {
    fires: {
      COPY: {
        text: lines(base, 'COPY a b # the app'),
        severity: 'warning',
        message: /a comment needs its own line.*part of COPY/,
        marks: '# the app',
        fixedTo: lines(base, '# the app', 'COPY a b'),
      },
      'a list': {
        text: lines(base, 'CMD ["a"] # start'),
        severity: 'warning',
        message: /part of CMD/,
        marks: '# start',
        fixedTo: lines(base, '# start', 'CMD ["a"]'),
      },
    },
    silent: {
      above: lines(base, '# the app', 'COPY a b'),
      'RUN leaves it to the shell': lines(base, 'RUN make # all'),
      'in quotes': lines(base, 'ENV COLOUR="a #fff"'),
      'no blank before it': lines(base, 'ADD https://example.org/a#b /x'),
      'between continued lines': lines(base, 'COPY a \\', '  # more', '  b /c/'),
    },
  },
  'shell-form-command': {
    fires: {
      CMD: {
        text: lines(base, "CMD python3 'my app.py' -v"),
        severity: 'warning',
        message: /docker stop's signal to itself\. Write CMD \["python3", "my app\.py", "-v"\]/,
        marks: "python3 'my app.py' -v",
        fixedTo: lines(base, 'CMD ["python3", "my app.py", "-v"]'),
      },
      ENTRYPOINT: {
        text: lines(base, 'ENTRYPOINT python3 app.py'),
        severity: 'warning',
        message: /arguments of docker run are lost/,
        marks: 'python3 app.py',
        fixedTo: lines(base, 'ENTRYPOINT ["python3", "app.py"]'),
      },
      'a variable needs the shell, so no fix': {
        text: lines(base, 'CMD serve $PORT'),
        severity: 'warning',
        message: /or put exec in front/,
        marks: 'serve $PORT',
        fixedTo: null,
      },
      continued: {
        text: lines(base, 'CMD python3 \\', '  app.py'),
        severity: 'warning',
        message: /\["python3", "app\.py"\]/,
        marks: lines('python3 \\', '  app.py'),
        fixedTo: lines(base, 'CMD ["python3", "app.py"]'),
      },
    },
    silent: {
      'the exec form': lines(base, 'CMD ["python3", "app.py"]'),
      'the exec form, continued': lines(base, 'CMD ["python3", \\', '  "app.py"]'),
      exec: lines(base, 'CMD exec serve $PORT'),
      HEALTHCHECK: lines(base, 'HEALTHCHECK CMD curl localhost'),
      RUN: lines(base, 'RUN make'),
      'nothing yet': lines(base, 'CMD '),
    },
  },
  'broken-exec-form': {
    fires: {
      'single quotes': {
        text: lines(base, "CMD ['python3', 'app.py']"),
        severity: 'warning',
        message: /cannot read this list.*double quotes/,
        marks: "['python3', 'app.py']",
        fixedTo: lines(base, 'CMD ["python3", "app.py"]'),
      },
      'typographic quotes': {
        text: lines(base, 'CMD [\u201cpython3\u201d]'),
        severity: 'warning',
        message: /straight/,
        marks: '[\u201cpython3\u201d]',
        fixedTo: lines(base, 'CMD ["python3"]'),
      },
      'a comma too many': {
        text: lines(base, 'CMD ["python3", ]'),
        severity: 'warning',
        message: /commas/,
        marks: '["python3", ]',
        fixedTo: lines(base, 'CMD ["python3"]'),
      },
      'no quotes, no fix': {
        text: lines(base, 'ENTRYPOINT [python3, app.py]'),
        severity: 'warning',
        message: /list/,
        marks: '[python3, app.py]',
        fixedTo: null,
      },
    },
    silent: { 'a good list': lines(base, 'CMD ["python3"]'), 'the test command': lines(base, 'CMD [ -f /a ] && cat /a') },
  },
  'exec-form-in-one-piece': {
    fires: {
      'one string': {
        text: lines(base, 'CMD ["python3 app.py"]'),
        severity: 'warning',
        message: /one program called "python3 app\.py"/,
        marks: '["python3 app.py"]',
        fixedTo: lines(base, 'CMD ["python3", "app.py"]'),
      },
    },
    silent: { 'one word': lines(base, 'CMD ["bash"]'), 'a blank in an argument': lines(base, 'CMD ["sh", "-c", "echo a"]') },
  },
  'multiple-cmd': {
    fires: {
      CMD: {
        text: lines(base, 'CMD ["a"]', 'CMD ["b"]'),
        severity: 'warning',
        message: /Only the last CMD.*RUN/,
        marks: 'CMD ["a"]',
        fixedTo: lines(base, 'CMD ["b"]'),
      },
      ENTRYPOINT: {
        text: lines(base, 'ENTRYPOINT ["a"]', 'ENTRYPOINT ["b"]'),
        severity: 'warning',
        message: /Only the last ENTRYPOINT[^R]*Remove it\.$/,
        marks: 'ENTRYPOINT ["a"]',
        fixedTo: lines(base, 'ENTRYPOINT ["b"]'),
      },
    },
    silent: {
      'one in each stage': lines(base, 'CMD ["a"]', base, 'CMD ["b"]'),
      'with HEALTHCHECK and ONBUILD': lines(base, 'HEALTHCHECK CMD ["a"]', 'ONBUILD CMD ["c"]', 'CMD ["b"]'),
    },
  },
  'runs-as-root': {
    fires: {
      'no USER': { text: lines(base, 'CMD ["a"]'), severity: 'hint', message: /No USER is set.*runs as root/, marks: 'CMD', fixedTo: null },
      'USER only in another stage': { text: lines(base, 'USER me', base), severity: 'hint', message: /root/, marks: 'FROM', fixedTo: null },
      'back to root': { text: lines(base, 'USER me', 'USER root'), severity: 'hint', message: /Switch back/, marks: 'USER root', fixedTo: null },
    },
    silent: {
      USER: lines(base, 'USER me'),
      'USER in the parent stage': lines(`${base} AS a`, 'USER 1000', 'FROM a'),
      scratch: lines('FROM scratch', 'CMD ["/a"]'),
    },
  },
};

test('every rule has cases for both sides', () => {
  expect(Object.keys(cases).sort()).toEqual(teachingRules.map(({ id }) => id).sort());
  for (const [id, { fires, silent }] of Object.entries(cases)) {
    expect([id, Object.keys(fires).length > 0, Object.keys(silent).length > 0]).toEqual([id, true, true]);
  }
});

describe.each(Object.entries(cases))('%s', (id, { fires, silent }) => {
  test.each(Object.entries(fires))('speaks: %s', (_, { text, severity, message, marks, fixedTo }) => {
    const found = findingsOf(id, text);
    expect(found).toHaveLength(1);
    const [finding] = found;
    expect(finding?.severity).toBe(severity);
    expect(finding?.message).toMatch(message);
    expect(marked(text, finding)).toBe(marks);
    expect(fixed(text, finding) ?? null).toBe(fixedTo);
    // A fix that leaves the fault would be offered for ever.
    if (fixedTo !== null) expect(findingsOf(id, fixedTo)).toEqual([]);
  });

  test.each(Object.entries(silent))('is silent: %s', (_, text) => {
    expect(findingsOf(id, text)).toEqual([]);
  });

  test.each(Object.entries(fires))('counts carriage returns right: %s', (_, { text, marks, fixedTo }) => {
    const windows = text.replaceAll('\n', '\r\n');
    const [finding] = findingsOf(id, windows);
    expect(marked(windows, finding)).toBe(marks.replaceAll('\n', '\r\n'));
    expect(fixed(windows, finding) ?? null).toBe(fixedTo?.replaceAll('\n', '\r\n') ?? null);
  });
});

test("the tutorial's Dockerfile gets one quiet hint", () => {
  const text = lines(base, 'WORKDIR /app', 'COPY hello-world.py .', 'CMD ["python3", "hello-world.py"]', '');
  expect(lintDockerfile(text, { imageReferences, hubReferences }).map(({ id, severity }) => [id, severity])).toEqual([['runs-as-root', 'hint']]);
});

test('no image is unknown before the engine has answered', () => {
  expect(findingsOf('unknown-image', 'FROM node:22', { imageReferences: [] })).toEqual([]);
  expect(findingsOf('unknown-image', 'FROM node:22', { imageReferences: ['<none>:<none>'] })).toEqual([]);
  expect(findingsOf('unknown-image', 'FROM node:22', { hubReferences: [] })).toEqual([]);
  expect(findingsOf('unknown-image', 'FROM node:22')).toHaveLength(1);
});

test('an image that can be pulled is not unknown, and its other tags are offered', () => {
  expect(findingsOf('unknown-image', 'FROM redis:8')).toEqual([]);
  const text = 'FROM traefik/whoami:99';
  expect(fixed(text, findingsOf('unknown-image', text)[0])).toBe('FROM traefik/whoami:1');
});

test('what the nearest image answers is said, and is no warning', () => {
  const [finding] = findingsOf('unknown-image', 'FROM ubuntu:24.04', { givesNearest: true });
  expect([finding?.severity, finding?.message]).toEqual([
    'info',
    'There is no image "ubuntu:24.04" here. The nearest one answers in its place: debian:13-slim (Ubuntu is made from Debian and has the same apt).',
  ]);
  for (const image of ['centos:7', 'mongo', 'ghcr.io/me/redis:7'])
    expect(findingsOf('unknown-image', `FROM ${image}`, { givesNearest: true })[0]?.severity, image).toBe('warning');
  // Busybox would answer, and has no apk.
  expect(findingsOf('unknown-image', lines('FROM alpine', 'RUN apk add git'), { givesNearest: true })[0]?.severity).toBe('warning');
});

test('what BuildKit understands is right', async () => {
  const { createLanguageSupport } = await import('../../../src/app/editor/dockerfile/language-support.ts');
  const text = lines(
    '# syntax=docker/dockerfile:1',
    'FROM --platform=$BUILDPLATFORM python:3.13-slim AS build',
    'ARG TARGETPLATFORM',
    'WORKDIR /src',
    'RUN --mount=type=cache,target=/root/.cache/pip --mount=type=secret,id=token --mount=type=bind,target=. --network=none pip install flask',
    'RUN --mount=type=tmpfs,target=/t --mount=type=ssh --security=sandbox true',
    'RUN <<EOF',
    'set -e',
    'echo "$TARGETPLATFORM"',
    'EOF',
    'RUN python3 <<EOT',
    'print(1)',
    'EOT',
    'COPY --chmod=755 --chown=1:1 --link run.sh /run.sh',
    'COPY --parents --exclude=*.pyc --exclude=*.log src/ /app/',
    'COPY <<-"EOT" /greet',
    '\techo "hello $1"',
    '\tEOT',
    'COPY <<one <<two /texts/',
    'a',
    'one',
    'b',
    'two',
    'ADD --checksum=sha256:24454f830cdb571e2c4ad15481119c43b3cafd48dd869a9b2945d1036d1dc68d --chmod=644 --link https://example.org/a.tar.gz /a/',
    'ADD --keep-git-dir=true https://example.org/r.git#main /r',
    'HEALTHCHECK --start-interval=1s --interval=5s CMD true',
    'FROM python:3.13-slim',
    'COPY --from=build --link /app /app',
    'USER 1000',
    'CMD ["python3", "-m", "app"]',
  );
  const findings = createLanguageSupport().check(text, { imageReferences, hubReferences });
  expect(findings.map(({ id, message, range }) => `${range.start.line + 1} ${id}: ${message}`)).toEqual([]);
});
