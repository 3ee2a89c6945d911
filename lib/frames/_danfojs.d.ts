// Types of _danfojs.js: those of the package that it is built from.
export { concat, DataFrame, merge, NDframe, Series, toCSV } from "danfojs";
