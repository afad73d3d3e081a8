// Package limits bounds what requests may take of the server. Queue stands in front of expensive arithmetic:
// RSA signatures and 3072-bit exponentiations.
package limits
