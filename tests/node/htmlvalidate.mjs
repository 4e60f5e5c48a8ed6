// The rules of HTML itself, and the recommendations of html-validate. What is off is so for a reason.
export default {
  root: true,
  extends: ["html-validate:standard", "html-validate:recommended"],
  rules: {
    // Style of the source, not validity: templates leave blanks, and Material writes <!doctype html>.
    "no-trailing-whitespace": "off",
    "doctype-style": "off",
    // Material's ids begin with "__" (#__drawer, #__search, #__palette_0), as HTML 5 allows.
    "valid-id": ["error", { relaxed: true }],
    // Material turns off autocomplete on the boxes behind menu and search, so that a reload closes them.
    "valid-autocomplete": "off",
    // Material's choice of scheme and its search are forms without a button: they act as one types.
    "wcag/h32": "off",
    // A paper is called what it is called.
    "long-title": "off",
  },
};
