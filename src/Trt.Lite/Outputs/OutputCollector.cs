namespace Trt.Lite;

/// <summary>Gathers the results of a call for one output, or for those that a post-processor was registered for.</summary>
/// <param name="name">What it is called.</param>
/// <param name="chosen">The outputs that it sees.</param>
internal abstract class OutputCollector(string name, int[] chosen)
{
    /// <summary>What it is called: the output's name.</summary>
    public string Name => name;

    /// <summary>The form in which the inputs were given.</summary>
    protected GivenForm Form { get; private set; } = GivenForm.OneSample;

    protected ReadOnlySpan<int> Chosen => chosen;

    /// <summary>Makes room.</summary>
    public void Begin(GivenForm form)
    {
        Form = form;
        MakeRoom();
    }

    /// <summary>Takes what a sample's run has left. Of different samples it is called from several threads at once.</summary>
    /// <param name="sample">The sample's place among all.</param>
    /// <param name="outputs">What the run has left.</param>
    /// <param name="row">The sample's place in the run; below 0: the run as a whole is the sample's, or its batch's.</param>
    /// <param name="placement">Where a picture's pixels went.</param>
    public abstract void Add(int sample, RunOutputs outputs, int row, ImagePlacement? placement);

    /// <summary>The results as what is asked for.</summary>
    /// <exception cref="InvalidCastException">They are something else; the message says what.</exception>
    public abstract TResult Get<TResult>();

    /// <summary>What the results are, in words.</summary>
    public abstract string Describe();

    protected abstract void MakeRoom();

    /// <summary>As C# writes it.</summary>
    internal static string NameOf(Type type)
    {
        if (type.IsArray)
        {
            // The outermost array comes first.
            string ranks = string.Empty;
            for (; type.IsArray; type = type.GetElementType()!)
            {
                ranks += $"[{new string(',', type.GetArrayRank() - 1)}]";
            }

            return NameOf(type) + ranks;
        }

        if (type.IsGenericType)
        {
            string name = type.Name;
            int tick = name.IndexOf('`', StringComparison.Ordinal);
            return $"{(tick < 0 ? name : name[..tick])}<{string.Join(", ", type.GetGenericArguments().Select(NameOf))}>";
        }

        return Elements.KindOf(type) is var kind && kind != ElementKind.None ? Elements.NameOf(kind) : type.Name;
    }

    /// <summary>What to throw where something else is asked for.</summary>
    internal InvalidCastException Refusal(Type asked) => new($"Output \"{name}\" was given {Form}, and so its result is {Describe()}; ask for that, not for {NameOf(asked)}.");
}
