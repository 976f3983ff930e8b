namespace Trt.Lite;

/// <summary>A sample of several could not be used; the message names it.</summary>
public sealed class SampleException : Exception
{
    /// <summary>Makes the exception.</summary>
    /// <param name="index">The sample's place among those that were given, from 0.</param>
    /// <param name="name">Its name, such as a file's path; null where it has none.</param>
    /// <param name="reason">What happened.</param>
    public SampleException(long index, string? name, Exception reason)
        : base($"Sample {index}{(name is null ? string.Empty : $" ({name})")}: {(reason ?? throw new ArgumentNullException(nameof(reason))).Message}", reason)
    {
        Index = index;
        Name = name;
    }

    /// <summary>The sample's place among those that were given, from 0.</summary>
    public long Index { get; }

    /// <summary>Its name, such as a file's path; null where it has none.</summary>
    public string? Name { get; }

    /// <summary>What a sample is called, where it has a name.</summary>
    internal static string? NameOf(object? sample) => sample switch
    {
        string { Length: > 0 and < 300 } path => path,
        Input { Item: string path } => NameOf(path),
        FileInfo file => file.FullName,
        _ => null,
    };
}
