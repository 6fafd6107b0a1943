export * from './answers';
export * from './connector';
export * from './page';
export * from './states';
export * from './texts';
export * from './useAnswer';
export * from './wording';
