package directory

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
)

// tagQuota is how many tags a pool can have.
const tagQuota = 50

// TagPool adds tags to a pool, or replaces their values (operation TagResource).
func (s *Service) TagPool(ctx context.Context, seen *userpool.Pool, add map[string]string) error {
	return s.changeTags(ctx, seen, func(tags map[string]string) error {
		maps.Copy(tags, add)
		return checkTags(tags)
	})
}

// UntagPool takes tags from a pool; those that it has not are none of its (operation UntagResource).
func (s *Service) UntagPool(ctx context.Context, seen *userpool.Pool, keys []string) error {
	if i := slices.IndexFunc(keys, reserved); i >= 0 {
		return invalid("Tag keys that begin with aws: are reserved: " + keys[i])
	}
	tags := seen.Settings.UserPoolTags
	if !slices.ContainsFunc(keys, func(key string) bool { _, ok := tags[key]; return ok }) {
		return nil
	}
	return s.changeTags(ctx, seen, func(tags map[string]string) error {
		for _, key := range keys {
			delete(tags, key)
		}
		return nil
	})
}

// changeTags changes a copy of the pool's tags. The operations on tags declare no exception of their own for a fault
// in a tag.
func (s *Service) changeTags(ctx context.Context, seen *userpool.Pool, change func(map[string]string) error) error {
	err := s.changePool(ctx, seen, func(_ userpool.Tx, pool *userpool.Pool) error {
		tags := map[string]string{}
		if seen.Secondary && pool.Replica != nil {
			replica := *pool.Replica
			maps.Copy(tags, replica.UserPoolTags)
			replica.UserPoolTags = tags
			pool.Replica = &replica
			return change(tags)
		}
		settings := *pool.Settings
		maps.Copy(tags, settings.UserPoolTags)
		settings.UserPoolTags = tags
		pool.Settings = &settings
		return change(tags)
	})
	var told *userpool.Error
	if errors.As(err, &told) && told.Code == userpool.UserPoolTagging {
		return invalid(told.Message)
	}
	return err
}

// checkTags judges the whole set of tags of a pool. Lengths are the model's business.
func checkTags(tags map[string]string) error {
	if len(tags) > tagQuota {
		return tagging("A user pool can have at most " + strconv.Itoa(tagQuota) + " tags.")
	}
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		switch {
		case reserved(key):
			return tagging("Tag keys that begin with aws: are reserved: " + key)
		case !tagText(key):
			return tagging("Tag keys can contain only letters, digits, spaces and _.:/=+-@: " + key)
		case !tagText(tags[key]):
			return tagging("Tag values can contain only letters, digits, spaces and _.:/=+-@: the value of " + key)
		}
	}
	return nil
}

func reserved(key string) bool { return len(key) >= 4 && strings.EqualFold(key[:4], "aws:") }

func tagText(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool {
		return !unicode.In(r, unicode.L, unicode.N, unicode.Z) && !strings.ContainsRune("_.:/=+-@", r)
	})
}

func tagging(message string) error {
	return userpool.NewError(userpool.UserPoolTagging, message)
}
