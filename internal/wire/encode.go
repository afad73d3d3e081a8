package wire

import (
	"reflect"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

var encodeOptions = json.JoinOptions(
	json.Deterministic(true),
	jsontext.AllowDuplicateNames(true), // inside a document, which is echoed as it came
	jsontext.PreserveRawStrings(true),  // the same
	jsontext.AllowInvalidUTF8(true),    // replaced by U+FFFD: a damaged character must not cost the answer
)

// Encode returns the JSON body of a response. Absent members are left out and
// nothing is escaped for HTML. A nil interface, the output of an operation
// without one, has an empty body; a nil structure is an empty object.
func Encode(out any) ([]byte, error) {
	if out == nil {
		return nil, nil
	}
	if v := reflect.ValueOf(out); v.Kind() == reflect.Pointer && v.IsNil() {
		return []byte("{}"), nil
	}
	return json.Marshal(out, encodeOptions)
}
