package directory

// pageSize is the page of a list whose request names none.
const pageSize = 60
