/** All that packs, unpacks and shows files that travel: loaded when the learner first wants it. */
export { ArchiveDialog } from './archive-dialog.tsx';
export { OfferDialog } from './offer-dialog.tsx';
export { ShareDialog } from './share-dialog.tsx';
export { WorkspacesDialog } from './workspaces-dialog.tsx';
