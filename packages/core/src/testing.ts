/**
 * What every runtime has to do, as cases that need no test runner.
 * @module
 */
export {};
