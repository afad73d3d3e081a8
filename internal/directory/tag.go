package directory

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
)

// tagQuota is how many tags a pool can have.
const tagQuota = 50

// checkTags judges the whole set of tags of a pool. Lengths are the model's business.
func checkTags(tags map[string]string) error {
	if len(tags) > tagQuota {
		return tagging("A user pool can have at most " + strconv.Itoa(tagQuota) + " tags.")
	}
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		switch {
		case len(key) >= 4 && strings.EqualFold(key[:4], "aws:"):
			return tagging("Tag keys that begin with aws: are reserved: " + key)
		case !tagText(key):
			return tagging("Tag keys can contain only letters, digits, spaces and _.:/=+-@: " + key)
		case !tagText(tags[key]):
			return tagging("Tag values can contain only letters, digits, spaces and _.:/=+-@: the value of " + key)
		}
	}
	return nil
}

func tagText(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool {
		return !unicode.In(r, unicode.L, unicode.N, unicode.Z) && !strings.ContainsRune("_.:/=+-@", r)
	})
}

func tagging(message string) error {
	return userpool.NewError(userpool.UserPoolTagging, message)
}
