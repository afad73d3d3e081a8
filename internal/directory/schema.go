package directory

import (
	"context"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

// standardSchema makes the standard attributes in the order of Describe. All lengths, names and the
// order are recorded answers of the service: clients compare them.
func standardSchema() []wire.SchemaAttributeType {
	length := func(min, max string) *wire.StringAttributeConstraintsType {
		return &wire.StringAttributeConstraintsType{MinLength: min, MaxLength: max}
	}
	attribute := func(name string, t wire.AttributeDataType, s *wire.StringAttributeConstraintsType) wire.SchemaAttributeType {
		return wire.SchemaAttributeType{
			Name: name, AttributeDataType: t, StringAttributeConstraints: s,
			DeveloperOnlyAttribute: new(false), Mutable: new(true), Required: new(false),
		}
	}
	text := func(name string) wire.SchemaAttributeType {
		return attribute(name, wire.AttributeDataTypeString, length("0", "2048"))
	}
	flag := func(name string) wire.SchemaAttributeType {
		return attribute(name, wire.AttributeDataTypeBoolean, nil)
	}
	sub := attribute(userpool.Sub, wire.AttributeDataTypeString, length("1", "2048"))
	sub.Mutable, sub.Required = new(false), new(true)
	updatedAt := attribute("updated_at", wire.AttributeDataTypeNumber, nil)
	updatedAt.NumberAttributeConstraints = &wire.NumberAttributeConstraintsType{MinValue: "0"}
	return []wire.SchemaAttributeType{
		sub,
		text("name"),
		text("given_name"),
		text("family_name"),
		text("middle_name"),
		text("nickname"),
		text(userpool.PreferredUsername),
		text("profile"),
		text("picture"),
		text("website"),
		text(userpool.Email),
		flag(userpool.EmailVerified),
		text("gender"),
		attribute("birthdate", wire.AttributeDataTypeString, length("10", "10")),
		text("zoneinfo"),
		text("locale"),
		text(userpool.PhoneNumber),
		flag(userpool.PhoneNumberVerified),
		text("address"),
		updatedAt,
		attribute("identities", wire.AttributeDataTypeString, &wire.StringAttributeConstraintsType{}),
	}
}

// customQuota is how many custom attributes a pool can have.
const customQuota = 50

// AddCustomAttributes adds attributes to the schema, all or none (operation AddCustomAttributes).
func (s *Service) AddCustomAttributes(ctx context.Context, seen *userpool.Pool, items []wire.SchemaAttributeType) error {
	return s.changePool(ctx, seen, func(tx userpool.Tx, pool *userpool.Pool) error {
		if err := noImport(ctx, tx, pool); err != nil {
			return err
		}
		settings := *pool.Settings
		settings.SchemaAttributes = slices.Clone(settings.SchemaAttributes)
		for _, item := range items {
			switch item.AttributeDataType {
			case "", wire.AttributeDataTypeBoolean, wire.AttributeDataTypeNumber, wire.AttributeDataTypeString, wire.AttributeDataTypeDateTime:
			default:
				return invalid("Validation error detected: Value '" + string(item.AttributeDataType) +
					"' failed to satisfy constraint: Member must satisfy enum value set: [Boolean, Number, String, DateTime]")
			}
			a, err := newCustomAttribute(settings.SchemaAttributes, item)
			if err != nil {
				return err
			}
			settings.SchemaAttributes = append(settings.SchemaAttributes, a)
		}
		if len(settings.SchemaAttributes) > len(standardSchema())+customQuota {
			return invalid("A user pool can have at most " + strconv.Itoa(customQuota) + " custom attributes.")
		}
		pool.Settings = &settings
		return nil
	})
}

// newSchema makes the schema of a pool: the standard attributes with what items overrides, then the
// custom ones in the order of the request.
func newSchema(items []wire.SchemaAttributeType) ([]wire.SchemaAttributeType, error) {
	schema := standardSchema()
	standard := len(schema)
	given := map[string]bool{}
	for _, item := range items {
		i := slices.IndexFunc(schema[:standard], func(a wire.SchemaAttributeType) bool { return a.Name == item.Name })
		// The verified flags are no names for this list: they make custom attributes.
		if i >= 0 && item.Name != userpool.EmailVerified && item.Name != userpool.PhoneNumberVerified {
			if given[item.Name] {
				return nil, takenName(item.Name, item.Name)
			}
			given[item.Name] = true
			a, err := override(schema[i], item)
			if err != nil {
				return nil, err
			}
			schema[i] = a
			continue
		}
		a, err := newCustomAttribute(schema, item)
		if err != nil {
			return nil, err
		}
		schema = append(schema, a)
	}
	return schema, nil
}

// override is a standard attribute with what item changes: requiredness, mutability, and constraints if
// the type is named too.
func override(a, item wire.SchemaAttributeType) (wire.SchemaAttributeType, error) {
	if item.AttributeDataType != "" && item.AttributeDataType != a.AttributeDataType || isTrue(item.DeveloperOnlyAttribute) {
		return a, invalid("You can not change AttributeDataType or set developerOnlyAttribute for standard schema attribute " + a.Name)
	}
	was := a
	if item.Required != nil {
		a.Required = item.Required
	}
	if item.Mutable != nil {
		a.Mutable = item.Mutable
	}
	if (a.Name == userpool.Sub || a.Name == "identities") && (*a.Required != *was.Required || *a.Mutable != *was.Mutable) {
		return a, invalid("You can not change Required or Mutable for standard schema attribute " + a.Name)
	}
	if item.AttributeDataType == "" {
		return a, nil
	}
	if item.StringAttributeConstraints != nil && *item.StringAttributeConstraints != (wire.StringAttributeConstraintsType{}) {
		a.StringAttributeConstraints = item.StringAttributeConstraints
	}
	if item.NumberAttributeConstraints != nil && *item.NumberAttributeConstraints != (wire.NumberAttributeConstraintsType{}) {
		a.NumberAttributeConstraints = item.NumberAttributeConstraints
	}
	return a, checkConstraints(a)
}

// newCustomAttribute is customAttribute for a schema that must not have its name yet.
func newCustomAttribute(schema []wire.SchemaAttributeType, item wire.SchemaAttributeType) (wire.SchemaAttributeType, error) {
	a, err := customAttribute(item)
	if err == nil && slices.ContainsFunc(schema, func(other wire.SchemaAttributeType) bool { return other.Name == a.Name }) {
		err = takenName("custom:"+item.Name, a.Name)
	}
	return a, err
}

// customAttribute is the attribute that item describes, under its full name.
func customAttribute(item wire.SchemaAttributeType) (wire.SchemaAttributeType, error) {
	a := item
	if a.Name == "" {
		return a, invalid("Attribute name must not be empty.")
	}
	if strings.HasPrefix(a.Name, "custom:") || strings.HasPrefix(a.Name, "dev:") {
		return a, invalid("Attribute name " + a.Name + " must be given without its prefix.")
	}
	switch a.AttributeDataType {
	case wire.AttributeDataTypeString, wire.AttributeDataTypeNumber, wire.AttributeDataTypeBoolean, wire.AttributeDataTypeDateTime:
	default:
		return a, invalid("Invalid AttributeDataType input, consider using the provided AttributeDataType enum.")
	}
	if isTrue(a.Required) {
		return a, invalid("Required custom attributes are not supported currently.")
	}
	a.Name = "custom:" + a.Name
	if isTrue(a.DeveloperOnlyAttribute) {
		a.Name = "dev:" + a.Name
	}
	a.DeveloperOnlyAttribute = new(isTrue(a.DeveloperOnlyAttribute))
	a.Mutable = new(a.Mutable == nil || *a.Mutable)
	a.Required = new(false)
	// Constraints of the attribute's own kind are always shown, empty ones of the other kind never.
	var noLength wire.StringAttributeConstraintsType
	if c := a.StringAttributeConstraints; c == nil || *c == noLength {
		a.StringAttributeConstraints = nil
		if a.AttributeDataType == wire.AttributeDataTypeString {
			a.StringAttributeConstraints = &noLength
		}
	}
	var noRange wire.NumberAttributeConstraintsType
	if c := a.NumberAttributeConstraints; c == nil || *c == noRange {
		a.NumberAttributeConstraints = nil
		if a.AttributeDataType == wire.AttributeDataTypeNumber {
			a.NumberAttributeConstraints = &noRange
		}
	}
	return a, checkConstraints(a)
}

func takenName(name, existing string) error {
	return invalid(name + ": Existing attribute already has name " + existing + ".")
}

// checkConstraints judges the constraints of an attribute under its full name.
func checkConstraints(a wire.SchemaAttributeType) error {
	const longest = 2048
	if c := a.StringAttributeConstraints; c != nil {
		shortest, longer, ok := bounds(c.MinLength, c.MaxLength)
		if !ok || a.AttributeDataType != wire.AttributeDataTypeString || negative(shortest) || negative(longer) {
			return invalid("Invalid StringAttributeConstraints for schema attribute " + a.Name)
		}
		most := big.NewInt(longest)
		if shortest != nil && shortest.Cmp(most) > 0 || longer != nil && longer.Cmp(most) > 0 {
			return invalid("user." + a.Name + ": String attributes cannot have a length of more than 2048")
		}
		if crossed(shortest, longer) {
			return invalid("user." + a.Name + ": Max length cannot be less than min length.")
		}
	}
	if c := a.NumberAttributeConstraints; c != nil {
		least, most, ok := bounds(c.MinValue, c.MaxValue)
		if !ok || a.AttributeDataType != wire.AttributeDataTypeNumber {
			return invalid("Invalid NumberAttributeConstraints for schema attribute " + a.Name)
		}
		if crossed(least, most) {
			return invalid("user." + a.Name + ": Max value cannot be less than min value.")
		}
	}
	return nil
}

// bounds reads a pair of decimal numbers; nil stands for an absent one.
func bounds(min, max string) (low, high *big.Int, ok bool) {
	low, lowOK := bound(min)
	high, highOK := bound(max)
	return low, high, lowOK && highOK
}

func bound(text string) (*big.Int, bool) {
	if text == "" {
		return nil, true
	}
	// The documented range of numbers ends at 2^1023, which has 308 digits.
	if len(text) > 310 || strings.Trim(text, "-0123456789") != "" {
		return nil, false
	}
	return new(big.Int).SetString(text, 10)
}

func negative(n *big.Int) bool { return n != nil && n.Sign() < 0 }

func crossed(low, high *big.Int) bool { return low != nil && high != nil && low.Cmp(high) > 0 }

func isTrue(b *bool) bool { return b != nil && *b }
