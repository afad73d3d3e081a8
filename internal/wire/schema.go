package wire

// A schema says what JSON a shape accepts and which constraints its values
// must meet. The generated tables hold one for every shape of a request.
type schema struct {
	kind      kind
	size      *bounds  // length of a string, blob, list or map; value of a number
	pattern   *pattern // of a string
	values    []string // of an enumeration
	sensitive bool     // values are never shown

	members []member // of a structure, sorted by name, as its fields are
	key     *schema  // of a map
	element *schema  // of a list, or of a map's values
}

// A member is a named part of a structure.
type member struct {
	name     string // exact JSON name
	required bool
	schema   *schema
}

// bounds are inclusive; either side may be unbounded.
type bounds struct{ min, max int64 }

// unbounded stands for a limit that the model does not set.
const unbounded = -1

// kind is the JSON form of a shape.
type kind uint8

const (
	structureKind kind = iota
	listKind
	mapKind
	stringKind
	booleanKind
	integerKind // 32 bits
	longKind    // 64 bits
	timestampKind
	blobKind
	documentKind
)

// String completes "… can not be converted to …" in the service's own words.
func (k kind) String() string {
	switch k {
	case structureKind:
		return "a Structure"
	case listKind:
		return "a List"
	case mapKind:
		return "a Map"
	case stringKind:
		return "a String"
	case booleanKind:
		return "a Boolean"
	case integerKind:
		return "an Integer"
	case longKind:
		return "a Long"
	case timestampKind:
		return "a Timestamp"
	case blobKind:
		return "a Blob"
	default:
		return "a Document"
	}
}
