package userimport

import (
	"slices"
	"strings"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
)

// Columns that are no attributes.
const (
	usernameColumn = "cognito:username"
	mfaColumn      = "cognito:mfa_enabled"
)

// hashColumns are the names under which a column of password hashes is known.
var hashColumns = []string{"password_hash", "cognito:password_hash"}

// standardColumns are the attributes that every file has, in the order of the header.
var standardColumns = []string{
	"name", "given_name", "family_name", "middle_name", "nickname", "preferred_username", "profile", "picture", "website",
	"email", "email_verified", "gender", "birthdate", "zoneinfo", "locale", "phone_number", "phone_number_verified",
	"address", "updated_at",
}

// Header gives the columns of a file for the pool, in order (GetCSVHeader).
func Header(pool *userpool.Pool) []string {
	columns := slices.Clone(standardColumns)
	for _, a := range pool.Settings.SchemaAttributes {
		if strings.Contains(a.Name, ":") && a.Name != usernameColumn && a.Name != mfaColumn {
			columns = append(columns, a.Name)
		}
	}
	return append(columns, mfaColumn, usernameColumn)
}

// A header says what is in each column of a file.
type header struct {
	columns  []string
	username int
	mfa      int
	hash     int // -1 without one
}

// readHeader reads the first row. A byte-order mark before it means nothing. fault says what is wrong with it.
func readHeader(pool *userpool.Pool, job *userpool.ImportJob, first row) (h *header, fault string) {
	if !first.readable() {
		return nil, "The header of the CSV file is not UTF-8, or is longer than 16000 characters."
	}
	h = &header{columns: fields(strings.TrimPrefix(string(first.text), "\uFEFF")), hash: -1}
	needed := Header(pool)
	seen := map[string]bool{}
	for i, name := range h.columns {
		hash := slices.Contains(hashColumns, name)
		switch {
		case seen[name]:
			return nil, "The header of the CSV file has the column " + shown(name) + " twice."
		case !hash && !slices.Contains(needed, name):
			return nil, "The header of the CSV file has the column " + shown(name) + ", which the user pool does not have."
		case hash && job.Algorithm == "":
			return nil, "The CSV file has password hashes, and the import job has no PasswordHashingAlgorithm."
		case hash && h.hash >= 0:
			return nil, "The header of the CSV file has two columns of password hashes."
		case hash:
			h.hash = i
		}
		seen[name] = true
	}
	for _, name := range needed {
		if !seen[name] {
			return nil, "The header of the CSV file lacks the column " + name + "."
		}
	}
	if job.Algorithm != "" && h.hash < 0 {
		return nil, "The import job has a PasswordHashingAlgorithm, and the CSV file has no column password_hash."
	}
	h.username, h.mfa = slices.Index(h.columns, usernameColumn), slices.Index(h.columns, mfaColumn)
	return h, ""
}

// name is the user name in a row, in its folded form; "" when there is none.
func (h *header) name(pool *userpool.Pool, r row) string {
	if !r.readable() {
		return ""
	}
	values := fields(string(r.text))
	if len(values) != len(h.columns) {
		return ""
	}
	return pool.Fold(values[h.username])
}

// shown is a name from a file, bounded.
func shown(name string) string {
	const longest = 64 // bytes
	if len(name) > longest {
		name = strings.ToValidUTF8(name[:longest], "") + "…"
	}
	return name
}
