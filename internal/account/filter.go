package account

import (
	"slices"
	"strings"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
)

// searched are the names that a filter may have.
var searched = []string{
	userpool.SearchUsername, userpool.Email, userpool.PhoneNumber, "name", "given_name", "family_name",
	userpool.PreferredUsername, userpool.SearchUserStatus, userpool.SearchEnabled, userpool.Sub,
}

// parseFilter reads the Filter of ListUsers; a blank one asks for every user.
//
//	filter = "" | name op value      with white space around each
//	name   = text without white space, =, ^ and " | '"' text without " '"'
//	op     = "=" | "^="
//	value  = '"' ( char | '\"' | '\\' )* '"'
func parseFilter(filter string) (userpool.UserSearch, error) {
	var s userpool.UserSearch
	if filter == "" {
		return s, nil
	}
	name, rest, ok := cutFilterName(trimSpace(filter))
	if !ok {
		return s, errFilter
	}
	rest, s.Prefix = strings.CutPrefix(trimSpace(rest), "^")
	if rest, ok = strings.CutPrefix(rest, "="); !ok {
		return s, errFilter
	}
	if s.Value, ok = filterValue(trimSpace(rest)); !ok {
		return s, errFilter
	}
	if !slices.Contains(searched, name) {
		return s, userpool.NewError(userpool.InvalidParameter, "Invalid search attribute: "+name)
	}
	s.By = name
	return s, nil
}

var errFilter = userpool.NewError(userpool.InvalidParameter, "Error while parsing filter.")

const space = " \t\r\n"

func trimSpace(text string) string { return strings.Trim(text, space) }

// cutFilterName takes the name from the front.
func cutFilterName(text string) (name, rest string, ok bool) {
	if quoted, is := strings.CutPrefix(text, `"`); is {
		name, rest, ok = strings.Cut(quoted, `"`)
		return name, rest, ok && name != ""
	}
	end := strings.IndexAny(text, space+`=^"`)
	if end <= 0 {
		return "", "", false
	}
	return text[:end], text[end:], true
}

// filterValue reads a value in quotes, which must be all that is left.
func filterValue(text string) (value string, ok bool) {
	text, ok = strings.CutPrefix(text, `"`)
	if !ok {
		return "", false
	}
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '"':
			return b.String(), i == len(text)-1
		case '\\':
			if i++; i == len(text) || text[i] != '"' && text[i] != '\\' {
				return "", false
			}
		}
		b.WriteByte(text[i])
	}
	return "", false
}
