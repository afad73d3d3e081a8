package userpool

import (
	"context"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/poolhouse-id/poolhouse/internal/wire"
)

// Identities is the name of the attribute that lists a user's identities at identity providers. It is written with
// the links of the user and by nobody else.
const Identities = "identities"

// ProviderSubject is how a link names the subject that an identity provider gives its user, instead of an attribute.
const ProviderSubject = "Cognito_Subject"

// LocalProvider is how the pool itself is named where an identity provider could be.
const LocalProvider = "Cognito"

// Link says which user an identity at an identity provider signs in.
type Link struct {
	User         UserKey
	Provider     string // name in the pool
	Attribute    string // ProviderSubject, or the attribute of the pool that the provider's claim is mapped to
	Value        string // that it must have
	ProviderType wire.IdentityProviderTypeType
	Issuer       string // entity id of a SAML provider, else ""
	Profile      bool   // the user came into being with this identity; otherwise it was linked to them
	Created      time.Time
}

// Identity is a member of the attribute identities.
type Identity struct {
	UserID       string                        `json:"userId"`
	ProviderName string                        `json:"providerName"`
	ProviderType wire.IdentityProviderTypeType `json:"providerType"`
	Issuer       *string                       `json:"issuer"`
	Primary      bool                          `json:"primary"`
	DateCreated  int64                         `json:"dateCreated"` // milliseconds
}

// setIdentities makes the attribute identities say what the links are, in the order of linking. It stands first
// among the attributes, so that it is shown directly after sub.
func (u *User) setIdentities(links []Link) error {
	u.Attributes.Set(Identities, "")
	if len(links) == 0 {
		return nil
	}
	list := make([]Identity, 0, len(links))
	for _, l := range links {
		identity := Identity{
			UserID: l.Value, ProviderName: l.Provider, ProviderType: l.ProviderType, Primary: l.Profile,
			DateCreated: l.Created.UnixMilli(),
		}
		if l.Issuer != "" {
			identity.Issuer = &l.Issuer
		}
		list = append(list, identity)
	}
	text, err := json.Marshal(list)
	if err != nil {
		return err
	}
	u.Attributes = append(Attributes{{Identities, string(text)}}, u.Attributes...)
	return nil
}

// PutLink links an identity to a user, and shows it among the user's attributes. ErrExists when the identity has a
// user already.
func PutLink(ctx context.Context, tx Tx, u *User, l *Link) error {
	if err := tx.PutLink(ctx, l); err != nil {
		return err
	}
	return updateIdentities(ctx, tx, u, l.Created)
}

// DeleteLink takes an identity away from its user.
func DeleteLink(ctx context.Context, tx Tx, l *Link, now time.Time) error {
	u, err := tx.User(ctx, l.User)
	if err != nil {
		return err
	}
	AuditFrom(ctx).Concerns(u.Sub)
	if err := tx.DeleteLink(ctx, l); err != nil {
		return err
	}
	return updateIdentities(ctx, tx, u, now)
}

func updateIdentities(ctx context.Context, tx Tx, u *User, now time.Time) error {
	links, err := tx.LinksOf(ctx, u.Key)
	if err != nil {
		return err
	}
	if err := u.setIdentities(links); err != nil {
		return err
	}
	u.Modified = now
	return tx.UpdateUser(ctx, u)
}

type LinkReader interface {
	// Link finds the link of an identity by what its provider says of it.
	Link(ctx context.Context, pool int64, provider, attribute, value string) (*Link, error)
	// LinksOf lists a user's links in the order in which they were made.
	LinksOf(ctx context.Context, key UserKey) ([]Link, error)
	// LinkAttributes lists the attributes by which identities of a provider are linked, at most so many.
	LinkAttributes(ctx context.Context, pool int64, provider string, most int) ([]string, error)
}

type LinkWriter interface {
	// PutLink stores a link. ErrExists when the identity has one, ErrNotFound when the user is gone.
	PutLink(ctx context.Context, l *Link) error
	// DeleteLink removes a link, if it is there.
	DeleteLink(ctx context.Context, l *Link) error
}
