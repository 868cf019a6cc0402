import type { ImageDetails, ImageSummary } from '../../../docker/image-types.ts';
import type { CheckProbe } from '../check-probe.ts';
import type { CheckOf } from '../check-schema.ts';
import { fullImageName, isSameImage } from '../image-names.ts';
import { code, counted, listed, similar } from '../phrases.ts';
import { wrongVariable } from './environment.ts';
import type { CheckRule, Failure } from './rule.ts';

type ImageCheck = CheckOf<'image'>;

export const imageRule: CheckRule<'image'> = {
  triggers: ['engine'],

  describe(check) {
    const image = code(check.image);
    if (check.exists === false) return `There is no image ${image}`;
    const parts = [
      ...(check.base === undefined ? [] : [`is built on ${code(check.base)}`]),
      ...(check.ownLayers === undefined ? [] : [`has ${counted(check.ownLayers, 'layer')} of its own`]),
      ...(check.smallerThan === undefined ? [] : [`is smaller than ${code(check.smallerThan)}`]),
      ...(check.command ? [`starts ${code(check.command.join(' '))}`] : []),
      ...(check.entrypoint ? [`has the entry point ${code(check.entrypoint.join(' '))}`] : []),
      ...(check.exposes === undefined ? [] : [`exposes port ${check.exposes}`]),
      ...(check.user === undefined ? [] : [`runs as ${code(check.user)}`]),
      ...(check.workdir === undefined ? [] : [`begins in ${code(check.workdir)}`]),
      ...(check.environment ? [`sets ${listed(Object.keys(check.environment))}`] : []),
    ];
    return parts.length === 0 ? `There is an image ${image}` : `The image ${image} ${parts.join(' and ')}`;
  },

  async judge(check, probe) {
    const images = await probe.images();
    const image = findImage(check.image, images);
    if (check.exists === false)
      return (
        image && {
          expected: `There is no image ${code(check.image)}.`,
          found: 'It is there.',
          hint: `Remove it: ${code(`docker rmi ${check.image}`)}`,
        }
      );
    if (!image) return missingImage(check.image, images);
    if (!needsDetails(check)) return check.smallerThan === undefined ? undefined : tooLarge(check.image, image, check.smallerThan, images);
    const details = await probe.imageDetails(check.image);
    return (
      (await wrongLayers(check, details, images, probe)) ??
      wrongConfig(check, details.config) ??
      (check.smallerThan === undefined ? undefined : tooLarge(check.image, image, check.smallerThan, images))
    );
  },
};

function needsDetails({ image: _image, exists: _exists, say: _say, hint: _hint, smallerThan: _smallerThan, ...others }: ImageCheck): boolean {
  return Object.keys(others).length > 0;
}

function findImage(name: string, images: readonly ImageSummary[]): ImageSummary | undefined {
  return images.find(
    ({ id, tags }) => tags.some(tag => isSameImage(tag, name)) || (/^[0-9a-f]{12,}$/.test(name) && id.replace(/^sha256:/, '').startsWith(name)),
  );
}

/** What there is instead of an image: names that resemble it, else any. */
export function missingImage(name: string, images: readonly ImageSummary[]): Failure {
  const tags = images.flatMap(image => image.tags);
  const near = nearImages(name, tags);
  const found =
    near.length > 0
      ? `There is no such image, but there is ${listed(near)}.`
      : tags.length === 0
        ? 'There are no images yet.'
        : `There is no such image. There are ${listed(tags)}.`;
  return {
    expected: `There is an image ${code(name)}.`,
    found,
    hint: `Name and tag must be exactly these. ${code('docker images')} lists what is there; ${code('docker build -t NAME .')} names what it builds, ${code('docker pull NAME')} fetches from the hub, and ${code('docker tag OLD NEW')} gives an image another name.`,
  };
}

/** `:latest` is in many names and makes none of them similar. */
function nearImages(name: string, tags: readonly string[]): readonly string[] {
  const bare = (one: string): string => fullImageName(one).replace(/:latest$/, '');
  const near = similar(bare(name), tags.map(bare));
  return tags.filter(tag => near.includes(bare(tag))).sort((one, other) => near.indexOf(bare(one)) - near.indexOf(bare(other)));
}

async function wrongLayers(
  check: ImageCheck,
  details: ImageDetails,
  images: readonly ImageSummary[],
  probe: CheckProbe,
): Promise<Failure | undefined> {
  if (check.base === undefined) return undefined;
  if (!findImage(check.base, images)) {
    return {
      expected: `${code(check.image)} is built on ${code(check.base)}.`,
      found: `The image ${code(check.base)} is not in the engine.`,
      hint: `Fetch it with ${code(`docker pull ${check.base}`)}.`,
    };
  }
  const { layers } = await probe.imageDetails(check.base);
  const common = layers.findIndex((layer, index) => details.layers[index] !== layer);
  if (common !== -1) {
    const found = common === 0 ? 'They have no layer in common.' : `They have only the lowest ${counted(common, 'layer')} in common.`;
    return {
      expected: `${code(check.image)} is built on ${code(check.base)}: its lowest layers are those of that image.`,
      found,
      hint: `Look at the line ${code(`FROM ${check.base}`)} of the Dockerfile, then build again.`,
    };
  }
  const own = details.layers.length - layers.length;
  if (check.ownLayers === undefined || own === check.ownLayers) return undefined;
  return {
    expected: `${code(check.image)} has ${counted(check.ownLayers, 'layer')} above those of ${code(check.base)}.`,
    found: `It has ${own}.`,
    hint: 'Each RUN, COPY and ADD makes a layer; so does WORKDIR where the folder is new.',
  };
}

function wrongConfig(check: ImageCheck, config: ImageDetails['config']): Failure | undefined {
  const image = code(check.image);
  return (
    wrongWords(`${image} starts this command`, 'CMD', check.command, config.command) ??
    wrongWords(`${image} has this entry point`, 'ENTRYPOINT', check.entrypoint, config.entrypoint) ??
    wrongPort(image, check.exposes, config.exposedPorts) ??
    wrongText(`${image} runs as the user`, 'USER', check.user, config.user) ??
    wrongText(`${image} begins in the folder`, 'WORKDIR', check.workdir, config.workingDirectory) ??
    wrongEnvironment(image, check.environment, config.environment)
  );
}

function wrongWords(subject: string, instruction: string, asked: readonly string[] | undefined, words: readonly string[]): Failure | undefined {
  if (!asked || JSON.stringify(asked) === JSON.stringify(words)) return undefined;
  const found = words.length === 0 ? `It has no ${instruction}.` : `It is ${code(JSON.stringify(words))}.`;
  return {
    expected: `${subject}: ${code(JSON.stringify(asked))}.`,
    found,
    hint: `It comes from ${code(instruction)} in the Dockerfile; written without brackets it gets a shell before it. Build again after a change.`,
  };
}

function wrongText(subject: string, instruction: string, asked: string | undefined, text: string): Failure | undefined {
  if (asked === undefined || asked === text) return undefined;
  return {
    expected: `${subject} ${code(asked)}.`,
    found: text === '' ? `It has no ${instruction}.` : `It is ${code(text)}.`,
    hint: `It comes from ${code(instruction)} in the Dockerfile. Build again after a change.`,
  };
}

function wrongPort(image: string, asked: number | undefined, ports: readonly string[]): Failure | undefined {
  if (asked === undefined || ports.some(port => Number(port.split('/')[0]) === asked)) return undefined;
  return {
    expected: `${image} exposes port ${asked}.`,
    found: ports.length === 0 ? 'It exposes no port.' : `It exposes ${listed(ports)}.`,
    hint: `Write ${code(`EXPOSE ${asked}`)} in the Dockerfile and build again.`,
  };
}

function wrongEnvironment(image: string, asked: Readonly<Record<string, string>> | undefined, environment: readonly string[]): Failure | undefined {
  const wrong = wrongVariable(asked, environment);
  return (
    wrong && {
      expected: `${image} sets the variable ${code(wrong.name)} to ${wrong.wanted}.`,
      found: wrong.value === undefined ? 'It does not set it.' : `It sets it to ${code(wrong.value)}.`,
      hint: `Write ${code(`ENV ${wrong.name}=…`)} in the Dockerfile and build again.`,
    }
  );
}

function tooLarge(name: string, image: ImageSummary, other: string, images: readonly ImageSummary[]): Failure | undefined {
  const larger = findImage(other, images);
  if (!larger) return missingImage(other, images);
  if (image.sizeBytes < larger.sizeBytes) return undefined;
  return {
    expected: `${code(name)} is smaller than ${code(other)}.`,
    found: `It has ${megabytes(image.sizeBytes)}, and ${code(other)} has ${megabytes(larger.sizeBytes)}.`,
  };
}

/** As `docker images` counts: a megabyte is a million bytes. */
function megabytes(bytes: number): string {
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
