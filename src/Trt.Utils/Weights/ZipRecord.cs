namespace Trt.Utils;

/// <summary>One file of a zip archive, with its bytes located and checked against the archive's size.</summary>
/// <param name="Name">Path inside the archive.</param>
/// <param name="HeaderOffset">Where its local header begins.</param>
/// <param name="DataOffset">Where its (possibly compressed) bytes begin.</param>
/// <param name="StoredLength">Bytes in the archive.</param>
/// <param name="Length">Bytes when unpacked, as declared; at most what the stored bytes can unpack to.</param>
/// <param name="IsDeflated">Whether the bytes are compressed.</param>
internal sealed record ZipRecord(string Name, long HeaderOffset, long DataOffset, long StoredLength, long Length, bool IsDeflated);
