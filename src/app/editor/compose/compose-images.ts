import { isMap, isScalar, parseDocument, type Scalar } from 'yaml';
import type { Finding, LintOptions } from '../dockerfile/finding.ts';
import { fullReference, knownReferences, parseImageReference } from '../dockerfile/image-reference.ts';
import { createSourceText, type SourceText, type Span } from '../dockerfile/source-text.ts';
import { missingImage } from '../missing-image.ts';

/** Remarks about the images of a compose file's services that are not there. A file that is not YAML yet has none: Compose itself reports that. */
export function composeImageFindings(text: string, { imageReferences, hubReferences, givesNearest = false }: LintOptions): Finding[] {
  // An empty list means that nobody has answered yet.
  if (imageReferences.length === 0 || hubReferences.length === 0) return [];
  const references = knownReferences([...imageReferences, ...hubReferences]);
  const source = createSourceText(text);
  return imagesOf(text).flatMap(scalar => finding(source, scalar, references, givesNearest));
}

/** The values of `services: NAME: image:`, of services that are not built here under that name. */
function imagesOf(text: string): Scalar<string>[] {
  const document = parseDocument(text, { logLevel: 'silent', strict: false, uniqueKeys: false });
  const services: unknown = isMap(document.contents) ? document.contents.get('services') : undefined;
  if (!isMap(services)) return [];
  return services.items.flatMap(({ value: service }) => {
    if (!isMap(service) || service.has('build')) return [];
    const image: unknown = service.get('image', true);
    return isScalar(image) && typeof image.value === 'string' ? [image as Scalar<string>] : [];
  });
}

function finding(source: SourceText, scalar: Scalar<string>, references: readonly string[], givesNearest: boolean): Finding[] {
  const { value, range } = scalar;
  const image = withDefaults(value);
  if (range === undefined || range === null || image === undefined) return [];
  const { digest, ...reference } = parseImageReference(image);
  if (digest !== undefined || references.includes(fullReference({ ...reference, digest }))) return [];
  const missing = missingImage(image, { references, givesNearest });
  if (missing === undefined) return [];
  const place = source.rangeOf(spanOfValue(source, value, { start: range[0], end: range[1] }));
  // The value of a variable is not written here.
  const instead = image === value ? missing.instead : [];
  return [
    {
      source: 'drydock',
      id: 'unknown-image',
      severity: missing.severity,
      message: missing.message,
      range: place,
      fixes: instead.map(newText => ({ title: `Use ${newText}`, changes: [{ range: place, newText }] })),
    },
  ];
}

/** The value without its quotes, so that they stay as they are. */
function spanOfValue(source: SourceText, value: string, span: Span): Span {
  const index = source.slice(span).indexOf(value);
  return index === -1 ? span : { start: span.start + index, end: span.start + index + value.length };
}

/** Fills in what variables are by default; undefined where one has none. */
function withDefaults(text: string): string | undefined {
  const filled = text.replace(/\$\{\w+:?-([^}$]*)\}/g, '$1');
  return filled.includes('$') || filled.trim() === '' ? undefined : filled.trim();
}
