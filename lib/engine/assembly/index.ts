// Every kernel is exported here. Addresses are in bytes; all numbers are 32-bit floats.
export * from "./math";
