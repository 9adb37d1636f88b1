//! The CSV tables of a place: addresses and stairwells.

use std::collections::HashMap;

use crate::geo::{Datum, LocalFrame, LonLat};

/// An address and what else people call it.
#[derive(Debug, Clone, PartialEq)]
pub struct Address {
    /// As written officially.
    pub address: String,
    /// Other names.
    pub aliases: Vec<String>,
    /// The original id of its building.
    pub building: Option<String>,
    /// `[east, north]` in local metres.
    pub point: Option<[f32; 2]>,
}

/// 楼道: one entrance of a building.
#[derive(Debug, Clone, PartialEq)]
pub struct Stairwell {
    /// The original id of its building.
    pub building: String,
    /// Its name or number within the building.
    pub stairwell: String,
    /// `[east, north]` in local metres.
    pub point: Option<[f32; 2]>,
    /// Households.
    pub households: u32,
    /// 红管家: an invented name in the demo; personal data elsewhere.
    pub steward: Option<String>,
}

/// Reads `addresses.csv`: what could be read, and a warning for each row that could not.
pub fn read_addresses(bytes: &[u8], frame: LocalFrame, datum: Datum) -> (Vec<Address>, Vec<String>) {
    rows(bytes, &["address"], |row| {
        let address = row.text("address").ok_or("no address")?;
        Ok(Address {
            address: address.to_owned(),
            aliases: row
                .text("alias")
                .unwrap_or_default()
                .split('|')
                .map(str::trim)
                .filter(|alias| !alias.is_empty())
                .map(str::to_owned)
                .collect(),
            building: row.text("building").map(str::to_owned),
            point: row.point(frame, datum)?,
        })
    })
}

/// Reads `stairwells.csv`: what could be read, and a warning for each row that could not.
pub fn read_stairwells(bytes: &[u8], frame: LocalFrame, datum: Datum) -> (Vec<Stairwell>, Vec<String>) {
    rows(bytes, &["building", "stairwell"], |row| {
        let households = match row.text("households") {
            Some(text) => {
                text.parse().map_err(|_error: std::num::ParseIntError| "households is no number")?
            }
            None => 0,
        };
        Ok(Stairwell {
            building: row.text("building").ok_or("no building")?.to_owned(),
            stairwell: row.text("stairwell").unwrap_or_default().to_owned(),
            point: row.point(frame, datum)?,
            households,
            steward: row.text("steward").map(str::to_owned),
        })
    })
}

pub(super) struct Row<'a> {
    columns: &'a HashMap<String, usize>,
    record: &'a csv::StringRecord,
}

impl Row<'_> {
    pub(super) fn text(&self, column: &str) -> Option<&str> {
        let text = self.record.get(*self.columns.get(column)?)?.trim();
        (!text.is_empty()).then_some(text)
    }

    fn point(&self, frame: LocalFrame, datum: Datum) -> Result<Option<[f32; 2]>, &'static str> {
        let (Some(lon), Some(lat)) = (self.text("lon"), self.text("lat")) else { return Ok(None) };
        let (Ok(lon), Ok(lat)) = (lon.parse(), lat.parse()) else { return Err("lon or lat is no number") };
        let place = LonLat::new(lon, lat);
        if !place.is_valid() {
            return Err("lon or lat is out of range");
        }
        let local = frame.project(datum.to_wgs84(place));
        if local[0].hypot(local[1]) <= LocalFrame::REACH_M {
            Ok(Some(local.map(|metres| metres as f32)))
        } else {
            Err("too far from the place")
        }
    }
}

pub(super) fn rows<T>(
    bytes: &[u8],
    needed: &[&str],
    read: impl Fn(&Row<'_>) -> Result<T, &'static str>,
) -> (Vec<T>, Vec<String>) {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(bytes);
    let mut warnings = Vec::new();
    let columns: HashMap<String, usize> = match reader.headers() {
        Ok(headers) => headers.iter().enumerate().map(|(i, name)| (name.trim().to_owned(), i)).collect(),
        Err(error) => return (Vec::new(), vec![format!("the header cannot be read: {error}")]),
    };
    for column in needed {
        if !columns.contains_key(*column) {
            warnings.push(format!("there is no column {column}"));
        }
    }
    if !warnings.is_empty() {
        return (Vec::new(), warnings);
    }
    let mut values = Vec::new();
    let mut record = csv::StringRecord::new();
    loop {
        let line = reader.position().line();
        match reader.read_record(&mut record) {
            Ok(false) => break,
            Ok(true) => match read(&Row { columns: &columns, record: &record }) {
                Ok(value) => values.push(value),
                Err(what) => warnings.push(format!("line {line}: {what}")),
            },
            Err(error) => {
                warnings.push(format!("line {line}: {error}"));
                // A record that is not UTF-8 was read past; anything else would repeat itself.
                if !matches!(error.kind(), csv::ErrorKind::Utf8 { .. }) {
                    break;
                }
            }
        }
    }
    (values, warnings)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn good_rows_are_kept_and_bad_ones_named() {
        let frame = LocalFrame::new(LonLat::new(118.87, 28.96));
        let text = "\u{feff}address,alias,building,lon,lat\n\
            坊门街12号,老邮局|邮局旧址,b12,118.87,28.96\n\
            ,,b13,,\n\
            新桥街1号,,,x,28.96\n\
            新桥街2号,,b14,,\n";
        let (addresses, warnings) = read_addresses(text.as_bytes(), frame, Datum::Wgs84);
        assert_eq!(addresses.len(), 2);
        assert_eq!(addresses[0].aliases, ["老邮局", "邮局旧址"]);
        assert_eq!(addresses[0].point, Some([0.0, 0.0]));
        assert_eq!(addresses[1].point, None);
        assert_eq!(warnings, ["line 3: no address", "line 4: lon or lat is no number"]);
    }

    #[test]
    fn stairwells_and_a_missing_column() {
        let frame = LocalFrame::new(LonLat::new(118.87, 28.96));
        let text = "building,stairwell,lon,lat,households,steward\nb1,1单元,118.87,28.96,12,徐爱莲\nb1,2单元,,,many,\n";
        let (stairwells, warnings) = read_stairwells(text.as_bytes(), frame, Datum::Wgs84);
        assert_eq!((stairwells.len(), stairwells[0].households), (1, 12));
        assert_eq!(warnings, ["line 3: households is no number"]);
        let (none, warnings) = read_stairwells(b"a,b\n1,2\n", frame, Datum::Wgs84);
        assert!(none.is_empty());
        assert_eq!(warnings.len(), 2);
        assert!(read_stairwells(b"", frame, Datum::Wgs84).0.is_empty());
        assert_eq!(read_addresses(b"address\n\xff\xfe\nb\n", frame, Datum::Wgs84).0.len(), 1);
    }
}
