// Every workflow that the control worker runs.
export { preflight, week1 } from './week1.ts';
export { dryRun, rollbackPreview, showPrepared } from './dry-run.ts';
export { channelsOff } from './channels.ts';
export { notifyTest } from './notify-test.ts';
export { tellRest } from './notices/tell-rest.ts';
