// Reads a tiled log with the library of the Go checksum database: checks the signature of the checkpoint, the root, the
// inclusion of every entry, and the consistency of every smaller size with it.
//
//	GO111MODULE=off go run read_tiles.go FOLDER VERIFIER_KEY
//
// It prints the number of entries and the root in hex, or what is wrong.
package main

import (
	"encoding/binary"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type folder string

func (folder) Height() int { return 8 }

func (f folder) SaveTiles([]tlog.Tile, [][]byte) {}

func (f folder) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var data [][]byte
	for _, tile := range tiles {
		path := strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
		read, err := os.ReadFile(filepath.Join(string(f), path))
		if err != nil {
			return nil, err
		}
		data = append(data, read)
	}
	return data, nil
}

func (f folder) entries(size int64) ([][]byte, error) {
	var found [][]byte
	for start := int64(0); start < size; start += 256 {
		width := size - start
		if width > 256 {
			width = 256
		}
		tile := tlog.Tile{H: 8, L: 0, N: start / 256, W: int(width)}
		path := strings.Replace(tile.Path(), "tile/8/0/", "tile/entries/", 1)
		bundle, err := os.ReadFile(filepath.Join(string(f), path))
		if err != nil {
			return nil, err
		}
		for len(bundle) > 0 {
			length := int(binary.BigEndian.Uint16(bundle))
			found = append(found, bundle[2:2+length])
			bundle = bundle[2+length:]
		}
	}
	return found, nil
}

func main() {
	log.SetFlags(0)
	if len(os.Args) != 3 {
		log.Fatal("usage: read_tiles FOLDER VERIFIER_KEY")
	}
	if err := read(folder(os.Args[1]), os.Args[2]); err != nil {
		log.Fatal(err)
	}
}

func read(f folder, vkey string) error {
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		return err
	}
	signed, err := os.ReadFile(filepath.Join(string(f), "checkpoint"))
	if err != nil {
		return err
	}
	opened, err := note.Open(signed, note.VerifierList(verifier))
	if err != nil {
		return err
	}
	lines := strings.Split(opened.Text, "\n")
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		return err
	}
	root, err := tlog.ParseHash(lines[2])
	if err != nil {
		return err
	}
	reader := tlog.TileHashReader(tlog.Tree{N: size, Hash: root}, f)
	computed, err := tlog.TreeHash(size, reader)
	if err != nil {
		return err
	}
	if computed != root {
		return fmt.Errorf("the tiles give another root: %v", computed)
	}
	entries, err := f.entries(size)
	if err != nil {
		return err
	}
	if int64(len(entries)) != size {
		return fmt.Errorf("%d entries in the bundles, %d in the checkpoint", len(entries), size)
	}
	for number, entry := range entries {
		proof, err := tlog.ProveRecord(size, int64(number), reader)
		if err != nil {
			return err
		}
		if err := tlog.CheckRecord(proof, size, root, int64(number), tlog.RecordHash(entry)); err != nil {
			return fmt.Errorf("entry %d: %v", number, err)
		}
		old, err := tlog.TreeHash(int64(number)+1, reader)
		if err != nil {
			return err
		}
		grown, err := tlog.ProveTree(size, int64(number)+1, reader)
		if err != nil {
			return err
		}
		if err := tlog.CheckTree(grown, size, root, int64(number)+1, old); err != nil {
			return fmt.Errorf("size %d: %v", number+1, err)
		}
	}
	fmt.Printf("%d %x\n", size, root[:])
	return nil
}
