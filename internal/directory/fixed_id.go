package directory

import (
	"errors"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
)

// The tags by which whoever makes a pool chooses ids: that of the pool, and those of its app clients by their names.
const (
	poolIDTag   = "poolhouse:id"
	clientIDTag = "poolhouse:client-id:"
)

// fixedPoolID is the id that the tags of a new pool ask for; "" for none.
func fixedPoolID(region string, tags map[string]string) (string, error) {
	id, ok := tags[poolIDTag]
	if !ok {
		return "", nil
	}
	if !poolIDForm.MatchString(id) || (&userpool.Pool{ID: id}).Region() != region || len(id) > 55 {
		return "", invalid("The tag " + poolIDTag + " must be the id of a user pool in this Region, " + region +
			"_ and up to 32 letters and digits. Change the tag or leave it out.")
	}
	return id, nil
}

// fixedClientID is the id that the tags of a pool ask for, for an app client of that name; "" for none.
func fixedClientID(pool *userpool.Pool, name string) (string, error) {
	id, ok := pool.Settings.UserPoolTags[clientIDTag+name]
	if !ok {
		return "", nil
	}
	if !clientIDForm.MatchString(id) {
		return "", invalid("The tag " + clientIDTag + name + " must have up to 128 letters, digits, _ or +. Change the tag or take it away.")
	}
	return id, nil
}

// takenID tells a caller who chose an id by a tag that it is taken.
func takenID(err error, tag, id string) error {
	if errors.Is(err, userpool.ErrExists) {
		return invalid("The id " + id + " is taken. Change the tag " + tag + " or take it away.")
	}
	return err
}
