namespace Trt.Lite;

/// <summary>Gathers what a post-processor makes.</summary>
internal sealed class ResultCollector<T>(string name, int[] chosen, Postprocessor<T> postprocessor) : OutputCollector(name, chosen)
{
    private T[] results = [];
    private bool isWhole;

    public override void Add(int sample, RunOutputs outputs, int row, ImagePlacement? placement)
    {
        isWhole |= row < 0 && Form.Kind is GivenKind.Batch or GivenKind.Batches;
        results[sample] = postprocessor.Apply(new SampleOutputs(outputs, Chosen, row, placement));
    }

    public override TResult Get<TResult>()
    {
        object? value = Form.Kind switch
        {
            GivenKind.Sample => results[0],
            GivenKind.Batch when isWhole => results[0],
            GivenKind.Batches => isWhole ? Firsts() : Split(),
            _ => results,
        };
        if (value is TResult result)
        {
            return result;
        }

        if (value is null && default(TResult) is null && typeof(TResult) == typeof(T))
        {
            return default!;
        }

        return Form.Kind == GivenKind.Batch && Form.Sizes[0] == 1 && results[0] is TResult only ? only : throw Refusal(typeof(TResult));
    }

    public override string Describe() => Form.Kind switch
    {
        GivenKind.Sample => NameOf(typeof(T)),
        GivenKind.Batch when isWhole => NameOf(typeof(T)),
        GivenKind.Batches when !isWhole => $"{NameOf(typeof(T))}[][] or IReadOnlyList<{NameOf(typeof(T))}[]>",
        _ => $"{NameOf(typeof(T))}[] or IReadOnlyList<{NameOf(typeof(T))}>",
    };

    protected override void MakeRoom() => results = new T[Form.Count];

    /// <summary>Of outputs that cannot be told apart: one result for each batch.</summary>
    private T[] Firsts()
    {
        T[] firsts = new T[Form.Sizes.Length];
        int at = 0;
        for (int i = 0; i < firsts.Length; i++)
        {
            firsts[i] = results[at];
            at += Form.Sizes[i];
        }

        return firsts;
    }

    private T[][] Split()
    {
        T[][] parts = new T[Form.Sizes.Length][];
        int at = 0;
        for (int i = 0; i < parts.Length; i++)
        {
            parts[i] = results.AsSpan(at, Form.Sizes[i]).ToArray();
            at += Form.Sizes[i];
        }

        return parts;
    }
}
