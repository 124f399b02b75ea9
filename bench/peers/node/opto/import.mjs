/**
 * What a program imports that uses the library.
 *
 * @module
 */
export * from "opto";
