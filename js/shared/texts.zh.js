// @ts-check
export const zh = /** @type {Record<string, string>} */ ({});
