package directory

import (
	"bytes"
	_ "embed"
	"errors"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// defaultStyle is the style that pages have where nothing else is set, and the tree of settings that there are.
//
//go:embed default_style.json
var defaultStyle []byte

var defaultSettings = func() map[string]any {
	settings, err := readSettings(defaultStyle)
	if err != nil {
		panic(err) // embedded, and a test reads it
	}
	return settings
}()

// providerStyles is where settings are by name of an identity provider, each like those of all buttons.
const providerStyles = "components.idpButton.custom"

// colour is red, green, blue and opacity in hexadecimal.
var colour = regexp.MustCompile(`^[0-9a-fA-F]{8}$`)

// decimal is a number in settings, which always has a decimal point.
type decimal float64

// MarshalJSONTo writes 8 as 8.0.
func (d decimal) MarshalJSONTo(e *jsontext.Encoder) error {
	text := strconv.FormatFloat(float64(d), 'f', -1, 64)
	if !strings.ContainsRune(text, '.') {
		text += ".0"
	}
	return e.WriteValue(jsontext.Value(text))
}

// readSettings reads a document of settings.
func readSettings(document []byte) (map[string]any, error) {
	var settings any
	if err := json.Unmarshal(document, &settings); err != nil {
		return nil, invalid("Settings must be an object.")
	}
	object, ok := withDecimals(settings).(map[string]any)
	if !ok {
		return nil, invalid("Settings must be an object.")
	}
	return object, nil
}

func withDecimals(v any) any {
	switch v := v.(type) {
	case float64:
		return decimal(v)
	case map[string]any:
		for name := range v {
			v[name] = withDecimals(v[name])
		}
	case []any:
		for i := range v {
			v[i] = withDecimals(v[i])
		}
	}
	return v
}

// writeSettings writes settings in the order of their names; nil for none.
func writeSettings(settings map[string]any) (jsontext.Value, error) {
	if settings == nil {
		return nil, nil
	}
	var b bytes.Buffer
	if err := json.MarshalWrite(&b, settings, json.Deterministic(true)); err != nil {
		return nil, errors.New("directory: settings cannot be written")
	}
	return b.Bytes(), nil
}

// knownSettings gives of what a caller sent the settings that there are; the others are dropped without a word. A
// value of another kind than the default's is refused, and so is a colour that is none.
func knownSettings(given, known map[string]any, path string) (map[string]any, error) {
	kept := map[string]any{}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		at := strings.TrimPrefix(path+"."+name, ".")
		like, ok := known[name]
		if path == providerStyles {
			like, ok = standardButton(), true
		}
		if !ok {
			continue
		}
		value, err := knownValue(given[name], like, at)
		if err != nil {
			return nil, err
		}
		kept[name] = value
	}
	return kept, nil
}

func standardButton() map[string]any {
	return at(at(at(defaultSettings, "components"), "idpButton"), "standard")
}

func at(settings map[string]any, name string) map[string]any {
	inner, _ := settings[name].(map[string]any)
	return inner
}

func knownValue(given, like any, path string) (any, error) {
	wrong := invalid("The value of the setting " + shownStyle(path) + " is not valid.")
	switch like := like.(type) {
	case map[string]any:
		inner, ok := given.(map[string]any)
		if !ok {
			return nil, wrong
		}
		return knownSettings(inner, like, path)
	case []any:
		if _, ok := given.([]any); !ok {
			return nil, wrong
		}
	case decimal:
		if n, ok := given.(decimal); !ok || n < 0 {
			return nil, wrong
		}
	case bool:
		if _, ok := given.(bool); !ok {
			return nil, wrong
		}
	case string:
		text, ok := given.(string)
		if !ok || colour.MatchString(like) && !colour.MatchString(text) {
			return nil, wrong
		}
	}
	return given, nil
}

// overSettings lays settings over others: objects member by member, all else as a whole. Neither is changed.
func overSettings(upper, lower map[string]any) map[string]any {
	merged := maps.Clone(lower)
	if merged == nil {
		merged = map[string]any{}
	}
	for name, value := range upper {
		object, ok := value.(map[string]any)
		below, also := merged[name].(map[string]any)
		if ok && also {
			merged[name] = overSettings(object, below)
		} else {
			merged[name] = value
		}
	}
	return merged
}
