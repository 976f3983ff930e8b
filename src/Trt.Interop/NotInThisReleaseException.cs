using Trt.Interop.Core;

namespace Trt.Interop;

/// <summary>The loaded library's release does not have a member or an enumerator; others do.</summary>
/// <remarks>Ask <see cref="TensorRtLibrary.Supports(string)"/> first where a program must run on several releases.</remarks>
public sealed class NotInThisReleaseException : NotSupportedException
{
    private NotInThisReleaseException(string name, string release, IReadOnlyList<string> releases)
        : base($"{name} is not in {release}." + (releases.Count == 0 ? string.Empty : $" Releases that have it: {Ranges(releases)}."))
    {
        Name = name;
        Release = release;
        Releases = releases;
    }

    /// <summary>The C++ name of what is missing, such as <c>INetworkDefinition.addMoE</c> or <c>BuilderFlag.kFP16</c>.</summary>
    public string Name { get; }

    /// <summary>The loaded release.</summary>
    public string Release { get; }

    /// <summary>Releases that have it, oldest first.</summary>
    public IReadOnlyList<string> Releases { get; }

    /// <summary>Neighbouring releases as a range.</summary>
    private static string Ranges(IReadOnlyList<string> releases)
    {
        string[] all = [.. SlotTables.Releases.Select(release => (release.IsRtx ? "TensorRT-RTX " : "TensorRT ") + release.Release)];
        List<string> parts = [];
        for (int i = 0; i < all.Length; i++)
        {
            if (!releases.Contains(all[i]))
            {
                continue;
            }

            int last = i;
            while (last + 1 < all.Length && releases.Contains(all[last + 1]) && SlotTables.Releases[last + 1].IsRtx == SlotTables.Releases[i].IsRtx)
            {
                last++;
            }

            parts.Add(last == i ? all[i] : $"{all[i]} to {SlotTables.Releases[last].Release}");
            i = last;
        }

        return string.Join(", ", parts);
    }

    internal static NotInThisReleaseException ForMember(TensorRtLibrary library, int member) =>
        new(Members.NameOf(member), library.ToString(), SlotTables.ReleasesWith(member));

    internal static NotInThisReleaseException ForMember(string member, string implementation) =>
        new(member, implementation, Members.TryFind(member, out int id) ? SlotTables.ReleasesWith(id) : []);

    internal static NotInThisReleaseException ForEnumerator(TensorRtLibrary library, int enumeration, int value) =>
        new(EnumTables.NameOf(enumeration, value), library.ToString(), EnumTables.ReleasesWith(enumeration, value));
}
