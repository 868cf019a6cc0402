/** Text as it may stand in HTML. */
export function escaped(words: string): string {
  return words.replace(/[&<>"']/g, character => `&#${character.charCodeAt(0)};`);
}

const STYLE = `:root{color-scheme:light dark}
body{max-width:34rem;margin:0 auto;padding:12vh 24px 24px;font:15px/1.5 system-ui,sans-serif;color:light-dark(#1b2631,#dce5ed);background:light-dark(#fcfbf9,#111922)}
h1{font-size:19px;margin:0 0 12px}p,ul,pre{margin:0 0 12px}ul{padding-left:20px}
code,pre{font:13px/1.5 ui-monospace,Menlo,Consolas,monospace}pre{padding:8px 12px;border-radius:6px;background:light-dark(#f1efe9,#182230);overflow:auto}
label{display:block;margin:0 0 12px}input{display:block;font:inherit;padding:6px 8px;width:min(100%,20rem);box-sizing:border-box}button{font:inherit;padding:6px 14px}
a{color:light-dark(#a63d11,#ff9a5c)}.detail{color:light-dark(#55616d,#94a5b6);font-size:13px}`;

/** A page of Drydock's own in the place of a container's, as HTML. `parts` are HTML, the title is text. */
export function ownPage(title: string, parts: readonly string[]): string {
  return (
    `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">` +
    `<title>${escaped(title)}</title><style>${STYLE}</style></head><body><main><h1>${escaped(title)}</h1>${parts.join('')}</main></body></html>`
  );
}
