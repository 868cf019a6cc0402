import { describe, expect, test } from 'vitest';
import { mayEmbed, parseEmbedOrigins } from '../../../src/core/embed/embed-origins.ts';

const site = 'https://drydock.example/app/';

describe('who may embed', () => {
  test.each([
    [undefined, 'https://any.example', true],
    [['*'], 'http://any.example:8080', true],
    [[], 'https://any.example', false],
    [[], 'https://drydock.example', true],
    [['https://lms.example'], 'https://lms.example', true],
    [['https://LMS.example'], 'https://lms.example', true],
    [['https://lms.example'], 'http://lms.example', false],
    [['https://lms.example'], 'https://lms.example:8443', false],
    [['https://lms.example'], 'https://lms.example.evil.example', false],
    [['https://lms.example'], 'https://evil-lms.example', false],
    [['https://*.school.example'], 'https://a.school.example', true],
    [['https://*.school.example'], 'https://a.b.school.example', true],
    [['https://*.school.example'], 'https://school.example', false],
    [['https://*.school.example'], 'https://evilschool.example', false],
    [['https://*.school.example'], 'http://a.school.example', false],
    [['https://*.school.example:8443'], 'https://a.school.example:8443', true],
    [['https://*.school.example'], 'null', false],
  ])('%j and %s: %s', (setting, origin, expected) => expect(mayEmbed(parseEmbedOrigins(setting), origin, site)).toBe(expected));

  test.each(['*', 'https://lms.example', ['lms.example'], ['https://lms.example/path'], ['javascript:x'], ['https://'], [5], {}, null])(
    'the setting %j is refused with what is wrong',
    setting => expect(() => parseEmbedOrigins(setting)).toThrow(/"embedOrigins" in the config.json/),
  );
});
