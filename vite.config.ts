import { defineConfig } from 'vite';

// A static site that works below any path of any host, hence the relative base.
export const config = defineConfig({
  base: './',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  worker: { format: 'es' },
  build: {
    target: 'es2022',
    // Monaco is one large chunk by nature, and loaded after the page can be used.
    chunkSizeWarningLimit: 4000,
    rolldownOptions: {
      // The second is what a second origin shows pages of containers in (src/app/preview/second-origin).
      input: ['index.html', 'preview.html'],
      onLog(level, log, handle) {
        // v86 and the Dockerfile library name Node's modules in branches that no browser reaches.
        if (!log.message.includes('externalized for browser compatibility')) handle(level, log);
      },
    },
  },
});

// oxlint-disable-next-line import/no-default-export -- Vite looks for a default export
export default config;
