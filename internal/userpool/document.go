package userpool

import (
	"context"
	"time"
)

// DocumentKind is what a Document is.
type DocumentKind string

// The kinds, by what their ID is.
const (
	ResourceServers   DocumentKind = "resource-server"   // the identifier
	IdentityProviders DocumentKind = "identity-provider" // the name
	Domains           DocumentKind = "domain"            // the prefix or the host name; a name everywhere, too
	UICustomizations  DocumentKind = "ui-customization"  // the client's id, or ALL
	Brandings         DocumentKind = "branding"          // a UUID
	Terms             DocumentKind = "terms"             // a UUID
	RiskSettings      DocumentKind = "risk"              // the client's id, or "pool"
	LogDeliveries     DocumentKind = "log-delivery"      // "pool"
	Certificates      DocumentKind = "certificate"       // "pool"
	ProvisionedLimits DocumentKind = "provisioned-limit" // region and category; of the account
)

// AccountPool is the pool number of documents that belong to the whole account. They hold no secrets.
const AccountPool = 0

// Document is one configuration object under a pool that is neither pool nor app client: a resource server, an
// identity provider, a domain and so on. Its Content is JSON, in the API's own shape where that is the noun.
type Document struct {
	Pool     int64
	Kind     DocumentKind
	ID       string            // unique in its pool and kind
	Client   string            // id of the app client that it goes with; "" for none
	Names    []string          // further names by which it is found, unique in its pool and kind
	Global   []string          // names that are unique in its kind among all pools
	Content  []byte            // JSON
	Secrets  map[string]string // sealed in the database
	Created  time.Time
	Modified time.Time
	Version  int64 // for compare-and-swap
}

type DocumentReader interface {
	Document(ctx context.Context, pool int64, kind DocumentKind, id string) (*Document, error)
	// NamedDocument finds the document of a pool by one of its Names.
	NamedDocument(ctx context.Context, pool int64, kind DocumentKind, name string) (*Document, error)
	// GlobalDocument finds a document of any pool by one of its Global names. Its pool may be a deleted one.
	GlobalDocument(ctx context.Context, kind DocumentKind, name string) (*Document, error)
	// Documents lists the documents of a kind by id, bytewise; next as in Pools.
	Documents(ctx context.Context, pool int64, kind DocumentKind, page Page) (documents []*Document, next string, err error)
	// ClientDocuments lists the documents of a kind that go with an app client, by id.
	ClientDocuments(ctx context.Context, pool int64, kind DocumentKind, client string) ([]*Document, error)
	CountDocuments(ctx context.Context, pool int64, kind DocumentKind) (int, error)
}

type DocumentWriter interface {
	// CreateDocument stores a new document at version 1. ErrExists when its id or one of its names is taken.
	CreateDocument(ctx context.Context, d *Document) error
	// UpdateDocument stores names, content, secrets and Modified if the version is still d.Version, and moves it
	// (also in d). ErrVersion otherwise, ErrNotFound when the document is gone, ErrExists when a name is taken.
	UpdateDocument(ctx context.Context, d *Document) error
	// DeleteDocument removes a document with its names; ErrNotFound when it is gone already.
	DeleteDocument(ctx context.Context, pool int64, kind DocumentKind, id string) error
	// DeleteClientDocuments removes all documents that go with an app client.
	DeleteClientDocuments(ctx context.Context, pool int64, client string) error
}
