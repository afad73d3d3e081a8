package directory

import (
	"context"
	"errors"
	"maps"
	"net/url"
	"slices"
	"strconv"

	"github.com/google/uuid"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

// termsQuota is how many terms documents a pool can have.
const termsQuota = 40

// CreateTerms makes a terms document of an app client (operation CreateTerms). A client has one of each name: else
// TermsExists.
func (s *Service) CreateTerms(ctx context.Context, client *userpool.Client, in *wire.CreateTermsRequest) (*wire.TermsType, error) {
	now := wire.NewTimestamp(s.now())
	terms := &wire.TermsType{
		TermsID: uuid.NewString(), UserPoolID: client.Pool.ID, ClientID: client.ID, TermsName: in.TermsName,
		TermsSource: in.TermsSource, Enforcement: in.Enforcement, Links: in.Links, CreationDate: now, LastModifiedDate: now,
	}
	if err := checkLinks(terms.Links); err != nil {
		return nil, err
	}
	d, err := s.newDocument(client.Pool, userpool.Terms, terms.TermsID, terms)
	if err != nil {
		return nil, err
	}
	d.Client, d.Names = client.ID, []string{termsKey(terms)}
	err = s.Store.Write(ctx, func(tx userpool.Tx) error {
		if _, err := clientOf(ctx, tx, client.Pool, client.ID); err != nil {
			return err
		}
		if err := termsFree(ctx, tx, client.Pool, terms); err != nil {
			return err
		}
		if err := documentsLeft(ctx, tx, client.Pool, userpool.Terms, termsQuota, "Terms"); err != nil {
			return err
		}
		return tx.CreateDocument(ctx, d)
	})
	if err != nil {
		return nil, err
	}
	return terms, nil
}

// Terms gives a terms document of the pool (operation DescribeTerms).
func (s *Service) Terms(ctx context.Context, pool *userpool.Pool, id string) (*wire.TermsType, error) {
	_, terms, err := readTerms(ctx, s.Store, pool, id)
	return terms, err
}

// ClientTerms gives the terms document of that name of the client (operation DescribeTermsByClient).
func (s *Service) ClientTerms(ctx context.Context, client *userpool.Client, name string) (*wire.TermsType, error) {
	key := termsKey(&wire.TermsType{ClientID: client.ID, TermsName: name})
	d, err := s.Store.NamedDocument(ctx, client.Pool.Number, userpool.Terms, key)
	if err != nil {
		return nil, userpool.OrNotFound(err, noSuchTerms(name))
	}
	return contentOf[wire.TermsType](d)
}

// UpdateTerms changes the members that are given (operation UpdateTerms). A change in between is
// ConcurrentModification, a name that the client has already TermsExists.
func (s *Service) UpdateTerms(ctx context.Context, pool *userpool.Pool, in *wire.UpdateTermsRequest) (*wire.TermsType, error) {
	seen, _, err := readTerms(ctx, s.Store, pool, in.TermsID)
	if err != nil {
		return nil, err
	}
	var terms *wire.TermsType
	err = s.Store.Write(ctx, func(tx userpool.Tx) error {
		var d *userpool.Document
		if d, terms, err = readTerms(ctx, tx, pool, in.TermsID); err != nil {
			return err
		}
		if d.Version != seen.Version {
			return changedInBetween()
		}
		if in.TermsName != "" && in.TermsName != terms.TermsName {
			terms.TermsName = in.TermsName
			if err := termsFree(ctx, tx, pool, terms); err != nil {
				return err
			}
		}
		if in.Links != nil {
			terms.Links = in.Links
		}
		if err := checkLinks(terms.Links); err != nil {
			return err
		}
		terms.TermsSource = firstOf(in.TermsSource, terms.TermsSource)
		terms.Enforcement = firstOf(in.Enforcement, terms.Enforcement)
		d.Modified, d.Names = s.now(), []string{termsKey(terms)}
		terms.LastModifiedDate = wire.NewTimestamp(d.Modified)
		if err := setContent(d, terms); err != nil {
			return err
		}
		return lostRace(tx.UpdateDocument(ctx, d), noSuchTerms(in.TermsID))
	})
	if err != nil {
		return nil, err
	}
	return terms, nil
}

// DeleteTerms removes a terms document (operation DeleteTerms). A change in between is ConcurrentModification.
func (s *Service) DeleteTerms(ctx context.Context, pool *userpool.Pool, id string) error {
	seen, _, err := readTerms(ctx, s.Store, pool, id)
	if err != nil {
		return err
	}
	return s.Store.Write(ctx, func(tx userpool.Tx) error {
		d, _, err := readTerms(ctx, tx, pool, id)
		if err != nil {
			return err
		}
		if d.Version != seen.Version {
			return changedInBetween()
		}
		return tx.DeleteDocument(ctx, pool.Number, userpool.Terms, id)
	})
}

// ListTerms gives one page of a pool's terms documents by id, with the next page's token, which is "" on the last one
// (operation ListTerms).
func (s *Service) ListTerms(ctx context.Context, pool *userpool.Pool, in *wire.ListTermsRequest) ([]wire.TermsDescriptionType, string, error) {
	scope := []string{"ListTerms", pool.ID, strconv.FormatInt(pool.Number, 10)}
	after, err := userpool.ReadToken(in.NextToken, scope...)
	if err != nil {
		return nil, "", err
	}
	page := userpool.Page{After: after, Limit: pageSize}
	if in.MaxResults != nil {
		page.Limit = int(*in.MaxResults)
	}
	documents, next, err := s.Store.Documents(ctx, pool.Number, userpool.Terms, page)
	if err != nil {
		return nil, "", err
	}
	list := make([]wire.TermsDescriptionType, len(documents))
	for i, d := range documents {
		terms, err := contentOf[wire.TermsType](d)
		if err != nil {
			return nil, "", err
		}
		list[i] = wire.TermsDescriptionType{
			TermsID: terms.TermsID, TermsName: terms.TermsName, Enforcement: terms.Enforcement,
			CreationDate: terms.CreationDate, LastModifiedDate: terms.LastModifiedDate,
		}
	}
	return list, userpool.NextToken(next, scope...), nil
}

func readTerms(ctx context.Context, r userpool.DocumentReader, pool *userpool.Pool, id string) (*userpool.Document, *wire.TermsType, error) {
	d, err := r.Document(ctx, pool.Number, userpool.Terms, id)
	if err != nil {
		return nil, nil, userpool.OrNotFound(err, noSuchTerms(id))
	}
	terms, err := contentOf[wire.TermsType](d)
	return d, terms, err
}

// termsKey is the name of a terms document in its pool: client and name.
func termsKey(t *wire.TermsType) string { return t.ClientID + "/" + t.TermsName }

// termsFree refuses a name that the client's terms have already.
func termsFree(ctx context.Context, r userpool.DocumentReader, pool *userpool.Pool, terms *wire.TermsType) error {
	_, err := r.NamedDocument(ctx, pool.Number, userpool.Terms, termsKey(terms))
	switch {
	case errors.Is(err, userpool.ErrNotFound):
		return nil
	case err != nil:
		return err
	}
	return userpool.NewError(userpool.TermsExists, "Terms "+terms.TermsName+" already exist for the client "+terms.ClientID+".")
}

// checkLinks wants at least one address of a web page. Which languages there are is the model's business.
func checkLinks(links map[string]string) error {
	if len(links) == 0 {
		return invalid("Links must have at least one entry.")
	}
	for _, language := range slices.Sorted(maps.Keys(links)) {
		u, err := url.Parse(links[language])
		if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "" {
			return invalid("The link for " + language + " is not a valid URL.")
		}
	}
	return nil
}

func noSuchTerms(which string) *userpool.Error {
	return userpool.NewError(userpool.ResourceNotFound, "Terms "+which+" does not exist.")
}
